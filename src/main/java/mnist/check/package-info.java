/** The checks of make check-gpu: networks trained on both devices, files, memory and speed. */
package mnist.check;
