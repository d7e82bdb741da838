package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A call of a model with Java arrays. */
public final class ModelCall {
    private final Model model;
    private final Map<String, Supplier<Tensor>> given = new LinkedHashMap<>();

    ModelCall(Model model) {
        this.model = model;
    }

    /**
     * Adds an input of floating-point numbers.
     *
     * @param input its name, or its number from 0 on
     * @param values row-major
     * @param shape sizes, whose product is the number of values
     */
    public ModelCall with(String input, float[] values, long... shape) {
        return with(input, () -> Tensors.of(values, shape), values.length, shape);
    }

    /** Adds an input of integers, or of booleans as 1 and 0; the call rejects values that its type cannot hold. */
    public ModelCall with(String input, long[] values, long... shape) {
        return with(input, () -> Tensors.of(values, shape), values.length, shape);
    }

    private ModelCall with(String input, Supplier<Tensor> tensor, int length, long... shape) {
        if (!Tensors.hasSize(shape, length))
            throw new IllegalArgumentException(
                    length + " values do not fill a tensor of shape " + Arrays.toString(shape));
        if (given.put(input, tensor) != null) throw new IllegalArgumentException(input + " is given twice");
        return this;
    }

    /** Calls forward. */
    public Results call() {
        return call("forward");
    }

    /**
     * Calls a method.
     *
     * @throws IllegalArgumentException if it has other inputs than those that were added
     */
    public Results call(String method) {
        ModelMethod called = model.description().method(method);
        List<Supplier<Tensor>> inOrder = called.inOrder(given);
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> arguments = new ArrayList<>();
            for (int i = 0; i < inOrder.size(); i++)
                arguments.add(converted(inOrder.get(i).get(), called.inputs().get(i)));
            Map<String, Result> results = new LinkedHashMap<>();
            model.callNamed(method, arguments).forEach((name, tensor) -> results.put(name, Result.of(name, tensor)));
            return new Results(results);
        }
    }

    /** Moves a tensor to the model's device, and converts it to the input's precision. */
    private Tensor converted(Tensor tensor, ModelInput input) {
        ScalarType type = input.type();
        if (type == ScalarType.Undefined || input.isFloatingPoint() != tensor.is_floating_point())
            return tensor.to(model.device(), tensor.scalar_type().intern());
        Tensor converted = tensor.to(type);
        boolean integers = !input.isFloatingPoint() && !converted.is_complex();
        if (integers && !torch.equal(converted.to(ScalarType.Long), tensor)) {
            long[] given = Tensors.longs(tensor);
            int changed = Arrays.mismatch(given, Tensors.longs(converted));
            throw new IllegalArgumentException(
                    input.name() + " is of type " + type + ", which does not hold " + given[changed]);
        }
        return converted.to(model.device(), type);
    }

    /** A result, in Java arrays. */
    private record Result(double[] values, long[] longs, long[] shape) {
        static Result of(String name, Tensor tensor) {
            if (!ModelInput.dense(tensor) || tensor.is_complex())
                throw new IllegalArgumentException("result " + name
                        + " is complex, sparse or quantized, for which Java has no arrays: call with tensors");
            boolean real = tensor.is_floating_point();
            return new Result(
                    real ? Tensors.doubles(tensor) : new double[0],
                    real ? new long[0] : Tensors.longs(tensor),
                    tensor.shape());
        }
    }

    /** The results of a call, by name, in Java arrays. */
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

        /** Returns the integers of the first result, row-major; fractions are truncated. */
        public long[] longs() {
            return longs(first());
        }

        /** Returns the integers of a result, row-major; fractions are truncated. */
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
            if (results.isEmpty()) throw new IllegalStateException("the model returns no tensor");
            return results.keySet().iterator().next();
        }

        private Result result(String name) {
            Result result = results.get(name);
            if (result == null) throw new IllegalArgumentException("there is no result " + name + " but " + names());
            return result;
        }
    }
}
