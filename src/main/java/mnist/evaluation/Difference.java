package mnist.evaluation;

/**
 * The mean difference of two quantities that were measured in pairs, with its 95 % interval after Student.
 *
 * @param low end of the interval; NaN of a single pair
 * @param high end of the interval; NaN of a single pair
 * @param probability of a mean at least as far from zero if the true one were zero, two-sided; NaN of a single pair
 * @param pairs how many there were
 */
public record Difference(double mean, double low, double high, double probability, int pairs) {
    private static final double CONFIDENCE = 0.95;

    /** Takes the values of the two in the same order, as of the same seeds. */
    public static Difference of(Sample values, Sample others) {
        Sample differences = values.minus(others);
        double margin = differences.margin(CONFIDENCE);
        return new Difference(
                differences.mean(),
                differences.mean() - margin,
                differences.mean() + margin,
                differences.values().length == 1 ? Double.NaN : differences.probability(),
                differences.values().length);
    }

    /** Returns whether the interval lies below zero; false of a single pair. */
    public boolean isBelowZero() {
        return high < 0;
    }

    /** Returns whether the interval lies above zero; false of a single pair. */
    public boolean isAboveZero() {
        return low > 0;
    }

    public boolean excludesZero() {
        return isBelowZero() || isAboveZero();
    }
}
