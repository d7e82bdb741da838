/** MNIST: fetched, checked, and whole on one device as batches to train on. */
package mnist.data;
