package mnist.prob5;

import mnist.evaluation.EmbeddingQuality;
import mnist.prob5.Prob5.LinearMetrics;
import mnist.prob5.Prob5.Result;

/** The numbers of problem 5, in words. */
final class Prob5Summary {
    private Prob5Summary() {}

    static void print(Result result) {
        EmbeddingQuality embedding = result.metrics().embedding();
        LinearMetrics linear = result.metrics().linear();
        System.out.printf("%n%-20s %9s%n", "", "test MSE");
        System.out.printf("%-20s %9.5f%n", "PCA, 2 components", linear.pcaTestLoss());
        System.out.printf(
                "%-20s %9.5f   principal angles to PCA's plane: %.1f° and %.1f°%n",
                "linear autoencoder", linear.testLoss(), linear.angles()[0], linear.angles()[1]);
        System.out.printf("%-20s %9.5f%n", "autoencoder", result.metrics().testLoss());
        System.out.printf(
                "%nembedding: 10-NN accuracy %.1f %%, silhouette %.3f, axis ratio %.2f%n",
                100 * embedding.nearestNeighbourAccuracy(), embedding.silhouette(), embedding.axisRatio());
        System.out.println("digits most confused in it: " + embedding.overlapsInWords());
    }
}
