/** Measures of what a model is worth, in numbers. */
package mnist.evaluation;
