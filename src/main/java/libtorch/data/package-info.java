/** Examples to train on and to test with, their batches, and the generators of random numbers. */
@NullMarked
package libtorch.data;

import org.jspecify.annotations.NullMarked;
