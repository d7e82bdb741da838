package mnist.prob5;

import java.util.List;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Sample;
import mnist.prob5.Prob5.LinearMetrics;
import mnist.prob5.Prob5.Result;

/** The numbers of problem 5, in words. */
final class Prob5Summary {
    private Prob5Summary() {}

    /** @param seeds the results, a seed each; the first one's are printed in full */
    static void print(List<Result> seeds) {
        Result result = seeds.get(0);
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
        if (seeds.size() > 1) {
            System.out.printf(
                    "over %d seeds: test MSE %s, linear autoencoder %s,%n"
                            + "10-NN accuracy %s %% (mean ± standard deviation)%n",
                    seeds.size(),
                    Sample.of(seeds, r -> r.metrics().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> r.metrics().linear().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> 100 * r.metrics().embedding().nearestNeighbourAccuracy())
                            .format("%.1f"));
        }
    }
}
