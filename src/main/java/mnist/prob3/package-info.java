/** Problem 3.3: backpropagation through a small network, by its equations. */
package mnist.prob3;
