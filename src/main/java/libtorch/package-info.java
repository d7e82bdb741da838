/** libtorch and the machine: loading, threads, devices, tensors, files, errors. */
@NullMarked
package libtorch;

import org.jspecify.annotations.NullMarked;
