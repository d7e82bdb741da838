package libtorch.export;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A call of a model with Java's arrays. */
public final class ModelCall {
    private final Model model;
    private final Map<String, Values> given = new LinkedHashMap<>();

    /** Values in row-major order; one of the two arrays. */
    private record Values(float @Nullable [] floats, long @Nullable [] longs, long[] shape) {}

    ModelCall(Model model) {
        this.model = model;
    }

    /**
     * Adds an input of floating-point numbers.
     *
     * @param values row-major
     * @param shape sizes, whose product is the number of values
     */
    public ModelCall with(String input, float[] values, long... shape) {
        return with(input, new Values(values, null, shape), values.length);
    }

    /** Adds an input of integers, or of true and false as 1 and 0. */
    public ModelCall with(String input, long[] values, long... shape) {
        return with(input, new Values(null, values, shape), values.length);
    }

    ModelCall with(float[] values, long... shape) {
        return with("", values, shape);
    }

    ModelCall with(long[] values, long... shape) {
        return with("", values, shape);
    }

    private ModelCall with(String input, Values values, int length) {
        long needed = 1;
        for (long size : values.shape) needed = Math.multiplyExact(needed, size);
        if (needed != length || Arrays.stream(values.shape).anyMatch(size -> size < 0))
            throw new IllegalArgumentException(
                    length + " values do not fill a tensor of shape " + Arrays.toString(values.shape));
        if (given.put(input, values) != null) throw new IllegalArgumentException(input + " is given twice");
        return this;
    }

    /** Calls forward. */
    public Results call() {
        return call("forward");
    }

    /**
     * Calls a method.
     *
     * @throws IllegalArgumentException where it has other inputs than those that were given
     */
    public Results call(String method) {
        List<ModelInput> inputs = model.inputs(method);
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> arguments =
                    inputs.isEmpty() // where the file does not say, in the order in which they are given
                            ? given.values().stream()
                                    .map(values -> tensor(values, null))
                                    .toList()
                            : inputs.stream()
                                    .map(input -> tensor(values(input, inputs), input))
                                    .toList();
            if (!inputs.isEmpty() && given.size() != inputs.size())
                throw new IllegalArgumentException(method + " takes "
                        + inputs.stream().map(ModelInput::name).toList() + ", not " + given.keySet());
            List<Tensor> results = model.call(method, arguments);
            List<String> names = model.outputs(method);
            if (names.size() != results.size())
                names = IntStream.range(0, results.size())
                        .mapToObj(Integer::toString)
                        .toList();
            Map<String, Result> named = new LinkedHashMap<>();
            for (int i = 0; i < results.size(); i++) named.put(names.get(i), Result.of(results.get(i)));
            return new Results(named);
        }
    }

    private Values values(ModelInput input, List<ModelInput> inputs) {
        Values values = given.get(input.name());
        if (values == null && inputs.size() == 1) values = given.get("");
        if (values == null)
            throw new IllegalArgumentException(
                    "the model needs an input " + input.name() + ", beside " + given.keySet());
        return values;
    }

    /** Makes a tensor where the model is; floating-point numbers and integers of the width that it takes. */
    private Tensor tensor(Values values, @Nullable ModelInput input) {
        Tensor tensor = values.floats != null
                ? Tensors.of(values.floats, values.shape)
                : Tensors.of(Objects.requireNonNull(values.longs), values.shape);
        ScalarType own = values.floats != null ? ScalarType.Float : ScalarType.Long;
        if (input != null && input.isFloatingPoint() == (values.floats != null)) own = input.type();
        return tensor.to(model.device(), own);
    }

    /** A result, in Java's memory. */
    private record Result(double[] values, long[] longs, long[] shape) {
        static Result of(Tensor tensor) {
            boolean real = tensor.is_floating_point();
            return new Result(
                    real ? Tensors.doubles(tensor) : new double[0],
                    real ? new long[0] : Tensors.longs(tensor),
                    tensor.shape());
        }
    }

    /** What a model answered, by the names of its results, in Java's memory. */
    public static final class Results {
        private final Map<String, Result> results;

        private Results(Map<String, Result> results) {
            this.results = results;
        }

        public List<String> names() {
            return List.copyOf(results.keySet());
        }

        /** Returns the numbers of the first result, row-major. */
        public float[] floats() {
            return floats(first());
        }

        /** Returns the numbers of a result, row-major. */
        public float[] floats(String name) {
            Result result = result(name);
            double[] values = result.values.length > 0
                    ? result.values
                    : Arrays.stream(result.longs).asDoubleStream().toArray();
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
            return floats;
        }

        /** Returns the integers of the first result, row-major; fractions are cut off. */
        public long[] longs() {
            return longs(first());
        }

        /** Returns the integers of a result, row-major; fractions are cut off. */
        public long[] longs(String name) {
            Result result = result(name);
            return result.values.length > 0
                    ? Arrays.stream(result.values)
                            .mapToLong(value -> (long) value)
                            .toArray()
                    : result.longs.clone();
        }

        /** Returns the sizes of a result. */
        public long[] shape(String name) {
            return result(name).shape.clone();
        }

        private String first() {
            return results.keySet().iterator().next();
        }

        private Result result(String name) {
            Result result = results.get(name);
            if (result == null) throw new IllegalArgumentException("there is no result " + name + " but " + names());
            return result;
        }
    }
}
