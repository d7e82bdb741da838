package mnist.prob6;

import java.util.List;
import mnist.evaluation.Sample;
import mnist.prob6.Prob6.Result;

/** The table that answers "compare with and without skip connections". */
final class Prob6Summary {
    private Prob6Summary() {}

    /** @param variants the results of each, a seed each */
    static void print(List<List<Result>> variants) {
        boolean several = variants.get(0).size() > 1;
        String row = several ? "%-10s  %17s  %17s  %12s  %14s%n" : "%-10s  %9s  %9s  %9s  %10s%n";
        System.out.printf("%n" + row, "variant", "train MSE", "test MSE", "10-NN (%)", "silhouette");
        for (List<Result> seeds : variants) {
            System.out.printf(
                    row,
                    seeds.get(0).variant(),
                    Sample.of(seeds, r -> r.record().lastEpoch().trainLoss()).format("%.5f"),
                    Sample.of(seeds, r -> r.metrics().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> 100 * r.metrics().embedding().nearestNeighbourAccuracy())
                            .format("%.1f"),
                    Sample.of(seeds, r -> r.metrics().embedding().silhouette()).format("%.3f"));
        }
        System.out.println();
        for (List<Result> seeds : variants) {
            Result first = seeds.get(0);
            System.out.printf(
                    "%-10s  digits most confused: %s%n",
                    first.variant(), first.metrics().embedding().overlapsInWords());
        }
        variants.stream()
                .mapToDouble(seeds -> seeds.get(0).metrics().inputLoss())
                .filter(noise -> noise > 0)
                .findFirst()
                .ifPresent(noise -> System.out.printf("%nMSE of the noisy images themselves: %.5f%n", noise));
        System.out.println("""

                MSE: mean squared error per pixel, against the clean image.
                10-NN: share of test images whose class is the most frequent among their 10
                nearest neighbours in the embedding; it and the silhouette are higher where the
                digits are better told apart.""");
        if (several) {
            System.out.printf("""
                    ±: standard deviation over %d seeds. A difference smaller than it may be due to
                    the seeds. The digits are those of the first seed.%n""", variants.get(0).size());
        }
    }
}
