/** libtorch and the machine: loading, threads, devices, files, terminal, errors. */
@NullMarked
package libtorch;

import org.jspecify.annotations.NullMarked;
