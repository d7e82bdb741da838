/** The training loop, its options, its evaluation and the record of a run. */
package mnist.training;
