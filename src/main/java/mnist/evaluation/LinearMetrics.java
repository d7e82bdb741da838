package mnist.evaluation;

/**
 * How near the linear autoencoder came to principal components.
 *
 * @param epochs of its training
 * @param lr learning rate of its training
 * @param pcaTestLoss mean squared error per pixel of the test images' projections
 * @param angles principal angles between the two planes, in degrees
 * @param eigenvalues the leading three of the training images' covariance matrix, pixels being 0 to 1
 */
public record LinearMetrics(
        int epochs, double lr, double testLoss, double pcaTestLoss, double[] angles, double[] eigenvalues) {}
