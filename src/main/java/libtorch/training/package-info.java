/** The training loop: tasks, epochs, steps and evaluation. It uses no files, no terminal and no charts. */
@NullMarked
package libtorch.training;

import org.jspecify.annotations.NullMarked;
