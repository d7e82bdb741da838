/** libtorch and the machine: loading, threads, devices, files, terminal, errors. */
@NullMarked
package mnist.runtime;

import org.jspecify.annotations.NullMarked;
