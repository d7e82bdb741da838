package mnist.evaluation;

import java.util.Collection;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The values of one quantity, as of training the same network with several seeds. */
public record Sample(double... values) {
    /** Takes a value of each object. */
    public static <T> Sample of(Collection<T> objects, ToDoubleFunction<T> value) {
        return new Sample(objects.stream().mapToDouble(value).toArray());
    }

    public double mean() {
        return DoubleStream.of(values).average().orElse(Double.NaN);
    }

    /** Returns the value in the middle, or the mean of the two there. */
    public double median() {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Returns the standard deviation, with n-1 degrees of freedom; NaN of a single value. */
    public double std() {
        double mean = mean();
        return Math.sqrt(
                DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1));
    }

    /** Subtracts the values of another sample, one by one. */
    public Sample minus(Sample other) {
        return new Sample(IntStream.range(0, values.length)
                .mapToDouble(i -> values[i] - other.values[i])
                .toArray());
    }

    /** Returns the two-sided probability, after Student, of a mean this far from zero where the true one is 0. */
    public double probability() {
        double mean = Math.abs(mean());
        return mean == 0 ? 1 : StudentT.beyond(mean * Math.sqrt(values.length) / std(), values.length - 1);
    }

    /** Returns how far Student's interval of the mean reaches to either side; NaN of a single value. */
    public double margin(double confidence) {
        return values.length == 1
                ? Double.NaN
                : StudentT.quantile(confidence, values.length - 1) * std() / Math.sqrt(values.length);
    }

    /** Writes the mean, and where there are several values the standard deviation: "0.0455 ± 0.0006". */
    public String format(String format) {
        String mean = String.format(format, mean());
        return values.length == 1
                ? mean
                : mean + " ± " + String.format(format, std()).strip();
    }
}
