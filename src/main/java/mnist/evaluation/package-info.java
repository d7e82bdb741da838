/** Measures of what a model is worth, in numbers. */
@NullMarked
package mnist.evaluation;

import org.jspecify.annotations.NullMarked;
