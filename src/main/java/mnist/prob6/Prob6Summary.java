package mnist.prob6;

import java.util.List;
import mnist.evaluation.Sample;
import mnist.prob6.Prob6.Result;

/** The table that answers "compare with and without skip connections". */
final class Prob6Summary {
    private Prob6Summary() {}

    /** @param variants the results of each, a seed each */
    static void print(List<List<Result>> variants) {
        int width = variants.get(0).size() == 1 ? 9 : 17;
        String row = "%-10s  %" + width + "s  %" + width + "s  %9s  %" + width + "s  %s%n";
        System.out.printf("%n" + row, "variant", "train MSE", "test MSE", "input MSE", "10-NN (%)", "silhouette");
        for (List<Result> seeds : variants) {
            System.out.printf(
                    row,
                    seeds.get(0).variant(),
                    Sample.of(seeds, r -> r.record().lastEpoch().trainLoss()).format("%.5f"),
                    Sample.of(seeds, r -> r.metrics().testLoss()).format("%.5f"),
                    String.format(
                            "%.5f",
                            Sample.of(seeds, r -> r.metrics().inputLoss()).mean()),
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
        if (width > 9) {
            System.out.printf(
                    "%n± is the standard deviation over %d seeds: a difference smaller than it may be the seed's.%n"
                            + "The digits are those of the first seed.%n",
                    variants.get(0).size());
        }
        System.out.println("""

                MSE: mean squared error per pixel, against the clean image; "input MSE" is that of the noise itself.
                10-NN: share of test images whose class is the most frequent among their 10 nearest neighbours
                in the embedding; it and the silhouette are higher where the digits are better told apart.""");
    }
}
