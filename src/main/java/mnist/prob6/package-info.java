/** Problem 6: convolutional autoencoders, with and without skip connections and noise. */
package mnist.prob6;
