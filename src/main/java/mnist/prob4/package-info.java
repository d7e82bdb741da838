/** Problem 4: the convolutional classifier, its filters and its mistakes. */
package mnist.prob4;
