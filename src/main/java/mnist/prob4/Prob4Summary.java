package mnist.prob4;

import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Confusion;
import mnist.evaluation.ConfusionMatrix.Interval;
import mnist.prob4.Prob4.Result;

/** The numbers of problem 4, in words. */
final class Prob4Summary {
    private Prob4Summary() {}

    static void print(Result result) {
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
