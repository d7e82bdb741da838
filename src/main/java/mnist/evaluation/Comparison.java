package mnist.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Compares a quantity of two networks over the seeds that both were trained with.
 *
 * @param differences between the quantities; of losses, between their logarithms
 * @param probability p-value of Student's t-test, corrected if the comparison is in a table; NaN for a single seed
 * @param row its number in a table; 0 if it is in none
 */
public record Comparison(Scale scale, Sample differences, double probability, int row) {
    /** The unit of a difference: a ratio of losses, percentage points, or the number itself. */
    public enum Scale {
        RATIO,
        POINTS,
        NUMBER
    }

    /** The result of a comparison. A difference is significant if its p-value is below 0.05, so never with one seed. */
    public enum Verdict {
        SHOWN_LOWER,
        SHOWN_HIGHER,
        NOT_SHOWN,
        ONE_SEED,
        NO_SEED
    }

    /** A difference is significant below this p-value. */
    public static final double SIGNIFICANT = 0.05;

    private static final double LARGEST = 1e9; // of ratios, which may be infinite

    /** Compares losses by the geometric mean of their ratios. */
    public static Comparison ofLosses(Sample losses, Sample others) {
        return of(Scale.RATIO, losses.with(others, (loss, other) -> Math.log(loss) - Math.log(other)));
    }

    /** Compares fractions by their difference. */
    public static Comparison ofShares(Sample shares, Sample others) {
        return of(Scale.POINTS, shares.minus(others));
    }

    /** Compares numbers by their difference. */
    public static Comparison ofNumbers(Sample values, Sample others) {
        return of(Scale.NUMBER, values.minus(others));
    }

    private static Comparison of(Scale scale, Sample differences) {
        return new Comparison(scale, differences, differences.probability(), 0);
    }

    /**
     * Returns the comparisons of a table, numbered in their order, with probabilities corrected for their number.
     * Comparisons without seeds get no number.
     *
     * @param before number of rows before the table's first
     */
    public static Map<String, Comparison> table(int before, Map<String, Comparison> comparisons) {
        double[] corrected = holm(comparisons.values().stream()
                .filter(comparison -> comparison.pairs() > 0)
                .mapToDouble(comparison -> comparison.differences.probability())
                .toArray());
        Map<String, Comparison> table = new LinkedHashMap<>();
        int rows = 0;
        for (Map.Entry<String, Comparison> entry : comparisons.entrySet()) {
            Comparison comparison = entry.getValue();
            if (comparison.pairs() > 0) {
                double probability = corrected[rows++];
                comparison = new Comparison(comparison.scale, comparison.differences, probability, before + rows);
            }
            table.put(entry.getKey(), comparison);
        }
        return table;
    }

    /** Corrects p-values by Holm's method: if all null hypotheses hold, a p-value below 0.05 occurs in at most 5 %. */
    static double[] holm(double... probabilities) {
        Integer[] ascending = IntStream.range(0, probabilities.length).boxed().toArray(Integer[]::new);
        Arrays.sort(ascending, Comparator.comparingDouble(i -> probabilities[i]));
        double[] corrected = new double[probabilities.length];
        double least = 0;
        for (int rank = 0; rank < ascending.length; rank++) {
            int i = ascending[rank];
            least = Math.max(least, Math.min(1, (ascending.length - rank) * probabilities[i]));
            corrected[i] = least;
        }
        return corrected;
    }

    public Verdict verdict() {
        if (pairs() < 2) return pairs() == 0 ? Verdict.NO_SEED : Verdict.ONE_SEED;
        if (probability >= SIGNIFICANT) return Verdict.NOT_SHOWN;
        return differences.mean() < 0 ? Verdict.SHOWN_LOWER : Verdict.SHOWN_HIGHER;
    }

    public boolean isLower() {
        return verdict() == Verdict.SHOWN_LOWER;
    }

    public boolean isHigher() {
        return verdict() == Verdict.SHOWN_HIGHER;
    }

    /** Returns whether the difference would be significant without the correction. */
    public boolean isLostByCorrection() {
        return verdict() == Verdict.NOT_SHOWN && differences.probability() < SIGNIFICANT;
    }

    public int pairs() {
        return differences.values().length;
    }

    /** Returns the number of seeds whose difference has the sign of the mean. */
    public long agreeing() {
        return DoubleStream.of(differences.values())
                .filter(value -> value * differences.mean() > 0)
                .count();
    }

    /** Returns the mean difference on its scale: a ratio, percentage points, or the number itself. */
    public double estimate() {
        return scaled(differences.mean());
    }

    /** Returns the lower end of its 95 % interval. */
    public double low() {
        return scaled(differences.mean() - differences.margin());
    }

    /** Returns the upper end of its 95 % interval. */
    public double high() {
        return scaled(differences.mean() + differences.margin());
    }

    private double scaled(double value) {
        return switch (scale) {
            case RATIO -> Math.max(1 / LARGEST, Math.min(LARGEST, Math.exp(value)));
            case POINTS -> 100 * value;
            case NUMBER -> value;
        };
    }
}
