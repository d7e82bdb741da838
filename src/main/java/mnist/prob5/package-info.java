/** Problem 5: the autoencoder, its latent plane, and the likeness of a linear one to principal components. */
package mnist.prob5;
