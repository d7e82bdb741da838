/** Problem 5: the autoencoder, its latent plane, and the similarity of a linear one to PCA. */
package mnist.prob5;
