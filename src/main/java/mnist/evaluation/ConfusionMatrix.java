package mnist.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts of examples by true and by predicted class.
 *
 * @param counts rows are true classes, columns predicted ones
 */
public record ConfusionMatrix(long[][] counts) {
    /**
     * The metrics of a classifier on a test set.
     *
     * @param testLoss mean negative log-likelihood per example, in nats
     * @param accuracyInterval 95 % interval after Wilson
     * @param precision per class; null for a class that was never predicted
     * @param recall per class; null for a class without examples
     * @param confusion counts; rows are true classes, columns predicted ones
     */
    public record Metrics(
            double testLoss,
            double accuracy,
            Interval accuracyInterval,
            @Nullable Double[] precision,
            @Nullable Double[] recall,
            long[][] confusion) {}

    public Metrics metrics(double testLoss) {
        return new Metrics(
                testLoss, accuracy(), accuracyInterval(), perClass(this::precision), perClass(this::recall), counts);
    }

    /**
     * A true class and a different predicted class.
     *
     * @param share of all examples of the true class
     */
    public record Confusion(int truth, int predicted, long count, double share) {}

    /** A range of shares, both ends from 0 to 1. */
    public record Interval(double low, double high) {}

    /** Returns the numbers of examples of the most frequent confusions, at most ten in all and four of each. */
    public IntStream mistakes(long[] truth, long[] predicted) {
        return confusions().stream()
                .flatMapToInt(pair -> IntStream.range(0, truth.length)
                        .filter(i -> truth[i] == pair.truth() && predicted[i] == pair.predicted())
                        .limit(4))
                .limit(10);
    }

    public static ConfusionMatrix of(long[] truth, long[] predicted, int classes) {
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < truth.length; i++) counts[(int) truth[i]][(int) predicted[i]]++;
        return new ConfusionMatrix(counts);
    }

    public long total() {
        return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
    }

    public double accuracy() {
        long right =
                IntStream.range(0, counts.length).mapToLong(i -> counts[i][i]).sum();
        return (double) right / total();
    }

    /**
     * Returns the 95 % interval of the accuracy after Wilson, which stays within 0 and 1 and fits accuracies near 1.
     */
    public Interval accuracyInterval() {
        double z = 1.959964; // 97.5 % of a normal distribution lie below
        double n = total();
        double p = accuracy();
        double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
        double half = z / (1 + z * z / n) * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        return new Interval(centre - half, centre + half);
    }

    /** Returns the share of examples predicted as the class that belong to it; NaN if there are none. */
    public double precision(int predicted) {
        return (double) counts[predicted][predicted] / taken(predicted);
    }

    /** Returns the share of the class's examples that were predicted as it; NaN if there are none. */
    public double recall(int truth) {
        return (double) counts[truth][truth] / size(truth);
    }

    /** Returns the share for each class, with null for NaN, which JSON does not have. */
    private @Nullable Double[] perClass(IntToDoubleFunction share) {
        return IntStream.range(0, counts.length)
                .mapToDouble(share)
                .mapToObj(value -> Double.isNaN(value) ? null : (Double) value)
                .toArray(Double[]::new);
    }

    /** Returns the number of examples predicted as the class. */
    public long taken(int predicted) {
        return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    }

    /** Returns the number of examples of the class. */
    public long size(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    /** Returns all confusions with a count above 0, the most frequent first. */
    public List<Confusion> confusions() {
        List<Confusion> confusions = new ArrayList<>();
        for (int truth = 0; truth < counts.length; truth++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                long count = counts[truth][predicted];
                if (truth != predicted && count > 0)
                    confusions.add(new Confusion(truth, predicted, count, (double) count / size(truth)));
            }
        }
        confusions.sort(Comparator.comparingLong(Confusion::count).reversed());
        return confusions;
    }
}
