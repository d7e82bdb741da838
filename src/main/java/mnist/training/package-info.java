/** The training loop: tasks, epochs, steps and evaluation. It knows no files, no terminal and no charts. */
package mnist.training;
