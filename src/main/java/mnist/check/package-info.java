/** What make check-gpu proves of a GPU machine: networks trained on both devices, files, memory and speed. */
package mnist.check;
