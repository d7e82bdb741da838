package mnist.prob6;

import java.util.List;
import mnist.prob6.Prob6.Metrics;
import mnist.prob6.Prob6.Result;

/** The table that answers "compare with and without skip connections". */
final class Prob6Summary {
    private Prob6Summary() {}

    static void print(List<Result> results) {
        System.out.printf(
                "%n%-10s %9s %9s %9s %7s %10s  %s%n",
                "variant", "train MSE", "test MSE", "input MSE", "10-NN", "silhouette", "most confused");
        for (Result result : results) {
            Metrics m = result.metrics();
            System.out.printf(
                    "%-10s %9.5f %9.5f %9.5f %5.1f %% %10.3f  %s%n",
                    result.variant(),
                    result.record().lastEpoch().trainLoss(),
                    m.testLoss(),
                    m.inputLoss(),
                    100 * m.embedding().nearestNeighbourAccuracy(),
                    m.embedding().silhouette(),
                    m.embedding().overlapsInWords());
        }
        System.out.println("""
                MSE: mean squared error per pixel, against the clean image; "input MSE" is that of the noise itself.
                10-NN: share of test images whose class is the most frequent among their 10 nearest neighbours
                in the embedding; it and the silhouette are higher where the digits are better told apart.""");
    }
}
