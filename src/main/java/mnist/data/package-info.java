/** MNIST: fetched, checked, and whole on one device as batches to train on. */
@NullMarked
package mnist.data;

import org.jspecify.annotations.NullMarked;
