package mnist.evaluation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The values of one quantity, each of the training with a seed. */
public record BySeed(Map<Long, Double> bySeed) {
    public static <T> BySeed of(Collection<T> trainings, Function<T, Long> seed, ToDoubleFunction<T> value) {
        Map<Long, Double> values = new LinkedHashMap<>();
        for (T training : trainings) values.put(seed.apply(training), value.applyAsDouble(training));
        return new BySeed(values);
    }

    /** Combines each value with that of the same seed, where another quantity has one. */
    public BySeed with(BySeed other, DoubleBinaryOperator operation) {
        Map<Long, Double> values = new LinkedHashMap<>();
        bySeed.forEach((seed, value) -> {
            Double same = other.bySeed.get(seed);
            if (same != null) values.put(seed, operation.applyAsDouble(value, same));
        });
        return new BySeed(values);
    }

    public double[] values() {
        return bySeed.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    public double mean() {
        return new Sample(values()).mean();
    }

    public double std() {
        return new Sample(values()).std();
    }

    /** Returns how far the 95 % interval of the mean reaches to either side; NaN of a single value. */
    public double margin() {
        return new Sample(values()).margin(0.95);
    }
}
