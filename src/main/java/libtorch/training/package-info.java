/** The training loop: tasks, epochs, steps and evaluation. Checkpoints are its only files. */
@NullMarked
package libtorch.training;

import org.jspecify.annotations.NullMarked;
