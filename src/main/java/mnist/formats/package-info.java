/** The files that a network's graphs and weights are saved in and loaded from. */
package mnist.formats;
