package mnist.prob4;

import java.util.List;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Confusion;
import mnist.evaluation.ConfusionMatrix.Interval;
import mnist.evaluation.Sample;
import mnist.prob4.Prob4.Result;

/** The numbers of problem 4, in words. */
final class Prob4Summary {
    private Prob4Summary() {}

    /** @param seeds the results, a seed each; the first one's are printed in full */
    static void print(List<Result> seeds) {
        Result result = seeds.get(0);
        ConfusionMatrix confusion = result.confusion();
        Interval interval = confusion.accuracyInterval();
        System.out.printf("%n%-7s %7s %10s %8s%n", "digit", "images", "precision", "recall");
        for (int digit = 0; digit < confusion.counts().length; digit++) {
            System.out.printf(
                    "%-7d %7d %10s %8s%n",
                    digit,
                    confusion.size(digit),
                    percent(confusion.precision(digit)),
                    percent(confusion.recall(digit)));
        }
        System.out.printf(
                "%ntest accuracy %.2f %% (95 %% interval %.2f to %.2f %%), test loss %.5f nats per image%n",
                100 * confusion.accuracy(),
                100 * interval.low(),
                100 * interval.high(),
                result.record().lastEpoch().testLoss());
        confusion.confusions().stream().limit(3).forEach(pair -> System.out.println(words(pair)));
        if (seeds.size() > 1) {
            System.out.printf(
                    "over %d seeds: test accuracy %s %%, test loss %s%n(mean ± standard deviation)%n",
                    seeds.size(),
                    Sample.of(seeds, r -> 100 * r.confusion().accuracy()).format("%.2f"),
                    Sample.of(seeds, r -> r.record().lastEpoch().testLoss()).format("%.5f"));
        }
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format("%.2f %%", 100 * share);
    }

    static String words(Confusion pair) {
        return String.format(
                "%d was taken for %d in %d of its images (%.1f %%)",
                pair.truth(), pair.predicted(), pair.count(), 100 * pair.share());
    }
}
