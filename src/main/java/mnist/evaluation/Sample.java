package mnist.evaluation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The values of one quantity, by the seed of the training. */
public record Sample(Map<Long, Double> bySeed) {
    private static final double CONFIDENCE = 0.95;

    /** Creates a sample with values for the seeds 1, 2 and so on. */
    public Sample(double... values) {
        this(new LinkedHashMap<>());
        for (double value : values) bySeed.put(bySeed.size() + 1L, value);
    }

    /** Creates a sample with a value of each object, numbered from 1. */
    public static <T> Sample of(Collection<T> objects, ToDoubleFunction<T> value) {
        return new Sample(objects.stream().mapToDouble(value).toArray());
    }

    /** Creates a sample with a value of each training, by its seed. */
    public static <T> Sample of(Collection<T> trainings, Function<T, Long> seed, ToDoubleFunction<T> value) {
        Map<Long, Double> values = new LinkedHashMap<>();
        for (T training : trainings) values.put(seed.apply(training), value.applyAsDouble(training));
        return new Sample(values);
    }

    /** Combines values of two quantities for the seeds that both have. */
    public Sample with(Sample other, DoubleBinaryOperator operation) {
        Map<Long, Double> values = new LinkedHashMap<>();
        bySeed.forEach((seed, value) -> {
            Double same = other.bySeed.get(seed);
            if (same != null) values.put(seed, operation.applyAsDouble(value, same));
        });
        return new Sample(values);
    }

    public Sample minus(Sample other) {
        return with(other, (value, subtracted) -> value - subtracted);
    }

    public Sample over(Sample other) {
        return with(other, (value, divisor) -> value / divisor);
    }

    public double[] values() {
        return bySeed.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    public double mean() {
        return DoubleStream.of(values()).average().orElse(Double.NaN);
    }

    /** Returns the median: of an even number of values, the mean of the middle two. */
    public double median() {
        double[] sorted = DoubleStream.of(values()).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Returns the quantile at a share from 0, the smallest value, to 1, the largest. */
    public static double quantile(double[] values, double share) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** Returns the standard deviation, with n-1 degrees of freedom; NaN of a single value. */
    public double std() {
        double mean = mean();
        return Math.sqrt(
                DoubleStream.of(values()).map(v -> (v - mean) * (v - mean)).sum() / freedom());
    }

    private int freedom() {
        return bySeed.size() - 1;
    }

    /** Returns the two-sided p-value of Student's t-test that the mean is 0; NaN of a single value. */
    public double probability() {
        double mean = Math.abs(mean());
        if (bySeed.size() == 1) return Double.NaN;
        return mean == 0 ? 1 : beyond(mean * Math.sqrt(bySeed.size()) / std(), freedom());
    }

    /** Returns half the width of Student's 95 % interval of the mean; NaN of a single value. */
    public double margin() {
        return bySeed.size() == 1
                ? Double.NaN
                : studentQuantile(CONFIDENCE, freedom()) * std() / Math.sqrt(bySeed.size());
    }

    /** Formats the mean and, if there are several values, the standard deviation: "0.0455 ± 0.0006". */
    public String format(String format) {
        String mean = String.format(format, mean());
        return bySeed.size() == 1
                ? mean
                : mean + " ± " + String.format(format, std()).strip();
    }

    /** Returns the t for which a share of Student's distribution lies between -t and t. */
    static double studentQuantile(double share, int freedom) {
        double low = 0;
        double high = Math.PI / 2;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (within(middle, freedom) < share) low = middle;
            else high = middle;
        }
        return Math.sqrt(freedom) * Math.tan(low);
    }

    /** Returns the share of Student's distribution outside -t to t. */
    static double beyond(double t, int freedom) {
        return 1 - within(Math.atan(t / Math.sqrt(freedom)), freedom);
    }

    /**
     * Returns the share of Student's distribution between -t and t, where t is √freedom · tan(angle): for a whole
     * number of degrees of freedom, its integral is a finite sum.
     */
    private static double within(double angle, int freedom) {
        double cos = Math.cos(angle);
        boolean odd = freedom % 2 == 1;
        double term = odd ? cos : 1;
        double sum = 0;
        for (int k = odd ? 3 : 2; k <= freedom; k += 2) {
            sum += term;
            term *= cos * cos * (k - 1) / k;
        }
        return odd ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
    }

    /** Returns the two-sided p-value of the exact sign test: that both kinds of events are equally probable. */
    public static double signTest(long count, long other) {
        long n = count + other;
        double term = Math.pow(0.5, (double) n); // of none of one kind; MNIST's counts are far below the 1074 of a zero
        double sum = 0;
        for (long k = 0; k <= Math.min(count, other); k++) {
            sum += term;
            term *= (double) (n - k) / (k + 1);
        }
        return Math.min(1, 2 * sum);
    }
}
