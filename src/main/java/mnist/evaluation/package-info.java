/** Evaluation metrics, and statistics over seeds. */
@NullMarked
package mnist.evaluation;

import org.jspecify.annotations.NullMarked;
