/** Downloads, checks and loads MNIST; each set is held on one device. */
@NullMarked
package mnist.data;

import org.jspecify.annotations.NullMarked;
