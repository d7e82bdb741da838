/** libtorch and the machine: loading, threads, devices, files, terminal, errors. */
package mnist.runtime;
