/** MNIST: fetched, checked, and whole on one device. */
@NullMarked
package mnist.data;

import org.jspecify.annotations.NullMarked;
