package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import libtorch.Tensors;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.Layout;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An input of a method.
 *
 * @param declared its type in Python, as "Tensor" or "int"
 * @param type of its elements; Undefined if the file does not say
 * @param sizes one for each dimension; empty if the file does not say
 * @param optional whether it may be left out
 */
public record ModelInput(String name, String declared, ScalarType type, List<Size> sizes, boolean optional) {
    private static final Map<String, ScalarType> NUMBERS =
            Map.of("int", ScalarType.Long, "float", ScalarType.Double, "bool", ScalarType.Bool);
    private static final Pattern SYMBOL = Pattern.compile("Symbol\\('(\\w+)'[^)]*\\)");

    /** A symbol, which may have an integer factor and an integer offset. */
    private static final Pattern LINEAR = Pattern.compile("(Add\\()?(Mul\\(Integer\\((?<factor>[1-9]\\d*)\\), )?"
            + "(?<symbol>\\w+)\\)?(, Integer\\((?<offset>-?\\d+)\\)\\))?");

    /**
     * A size of a dimension: fixed, or dynamic: {@code factor}·{@code symbol} + {@code offset}.
     *
     * @param symbol the same for sizes that depend on each other; empty if the size is fixed
     * @param least the smallest size that the method takes
     * @param most the largest
     */
    public record Size(String symbol, long factor, long offset, long least, long most) {
        Size(String symbol, long least, long most) {
            this(symbol, 1, 0, least, most);
        }

        static Size fixed(long size) {
            return new Size("", size, size);
        }

        /** Reads an expression, as "Symbol('s77', positive=True)" or "Mul(Integer(2), Symbol('s77'))". */
        static Size of(String expression, Map<String, Size> ranges) {
            String named = SYMBOL.matcher(expression).replaceAll("$1");
            Matcher linear = LINEAR.matcher(named);
            if (!linear.matches()) return new Size(named, 0, Long.MAX_VALUE);
            String symbol = linear.group("symbol");
            long factor = linear.group("factor") == null ? 1 : Long.parseLong(linear.group("factor"));
            long offset = linear.group("offset") == null ? 0 : Long.parseLong(linear.group("offset"));
            Size range = ranges.getOrDefault(symbol, new Size(symbol, 0, Long.MAX_VALUE));
            long most = range.most > Integer.MAX_VALUE ? Long.MAX_VALUE : factor * range.most + offset;
            return new Size(symbol, factor, offset, factor * range.least + offset, most);
        }

        /** Returns whether a dimension may have this size, given the symbols' values; adds that of its own symbol. */
        boolean takes(long size, Map<String, Long> values) {
            if (size < least || size > most || (size - offset) % factor != 0) return false;
            if (!free()) return true;
            long value = (size - offset) / factor;
            return values.merge(symbol, value, (known, now) -> known) == value;
        }

        /** Returns "64", "2 to 64" or "2 or more". */
        public String inWords() {
            if (least == most) return Long.toString(least);
            return most == Long.MAX_VALUE ? least + " or more" : least + " to " + most;
        }

        public boolean free() {
            return !symbol.isEmpty();
        }

        @Override
        public String toString() {
            if (!free()) return Long.toString(least);
            return (factor == 1 ? "" : factor + "*") + symbol + (offset == 0 ? "" : String.format("%+d", offset));
        }
    }

    /**
     * Returns arguments of a method for as many examples as {@code x} has.
     *
     * @param x the first argument of forward; all others are zeros
     */
    static List<Tensor> examples(ModelMethod method, Tensor x) {
        boolean forward = method.name().equals("forward");
        List<Tensor> arguments = new ArrayList<>();
        for (ModelInput input : method.inputs()) {
            boolean first = forward && arguments.isEmpty();
            arguments.add(first ? x : torch.zeros(input.shape(x.size(0)), new TensorOptions(input.type)));
        }
        return arguments;
    }

    /** Returns a shape that it takes, whose first size is that of a number of examples if it is free. */
    private long[] shape(long n) {
        long[] shape = sizes.stream().mapToLong(size -> Math.max(size.least, 1)).toArray();
        if (shape.length > 0 && sizes.get(0).free()) shape[0] = sizes.get(0).factor * n + sizes.get(0).offset;
        return shape;
    }

    /** Returns a required input. */
    static ModelInput of(String name, ScalarType type, List<Size> sizes) {
        return new ModelInput(name, "Tensor", type, sizes, false);
    }

    /** Returns an input of which only the type in Python is known. */
    static ModelInput declared(String name, String declared, boolean optional) {
        ScalarType type = NUMBERS.getOrDefault(declared, ScalarType.Undefined);
        return new ModelInput(name, declared, type, List.of(), optional);
    }

    /** Returns whether it is a number in Python, and here a tensor without dimensions. */
    public boolean number() {
        return NUMBERS.containsKey(declared);
    }

    /** Converts an argument to a value of this input. */
    IValue value(Tensor argument) {
        return number() ? new IValue(argument.item()) : new IValue(argument);
    }

    static List<String> names(List<ModelInput> inputs) {
        return inputs.stream().map(ModelInput::name).toList();
    }

    /**
     * Calls a method of this one input with any number of examples, the first dimension: in parts if they are more than
     * it takes at a time, and padded if they are fewer. In eval mode examples do not affect each other.
     *
     * @throws IllegalArgumentException if the method does not return a result for each example
     */
    public Tensor inBatches(Tensor examples, UnaryOperator<Tensor> method) {
        long n = examples.dim() == 0 ? 0 : examples.size(0);
        if (n == 0 || sizes.isEmpty()) return method.apply(examples);
        Size batch = sizes.get(0);
        if (batch.most < 1 || (n >= batch.least && n <= batch.most)) return method.apply(examples);
        TensorVector parts = new TensorVector();
        for (long from = 0; from < n; from += batch.most) {
            long size = Math.min(batch.most, n - from);
            Tensor part = examples.narrow(0, from, size);
            long missing = Math.max(0, batch.least - size);
            Tensor filled = missing == 0
                    ? part
                    : torch.cat(new TensorVector(
                            part,
                            part.narrow(0, size - 1, 1)
                                    .repeat_interleave(missing, new LongOptional(0), new LongOptional())));
            Tensor result = method.apply(filled);
            if (result.dim() == 0 || result.size(0) != size + missing)
                throw new IllegalArgumentException("it takes " + batch.inWords() + " examples at a time, not " + n);
            parts.push_back(result.narrow(0, 0, size));
        }
        return torch.cat(parts);
    }

    /** Returns name, type and sizes in one line, as "x: Float [s77, 1, 28, 28] with s77 from 2 to 64". */
    public String description() {
        if (number()) return name + ": " + type + " number" + (optional ? ", may be left out" : "");
        if (type == ScalarType.Undefined) return name + ": " + declared + (optional ? ", may be left out" : "");
        return name + ": " + type + " " + sizes + ranges();
    }

    boolean isFloatingPoint() {
        return Set.of(ScalarType.Half, ScalarType.BFloat16, ScalarType.Float, ScalarType.Double)
                .contains(type);
    }

    /**
     * Checks the types and sizes of a method's arguments.
     *
     * @throws IllegalArgumentException if they do not fit the inputs
     */
    static void requireFitting(List<ModelInput> inputs, List<Tensor> arguments) {
        if (arguments.size() != inputs.size())
            throw new IllegalArgumentException(
                    "it takes " + inputs.size() + " tensors " + names(inputs) + ", not " + arguments.size());
        Map<String, Long> free = new HashMap<>(); // values of symbols
        for (int i = 0; i < inputs.size(); i++) {
            inputs.get(i).requireFitting(arguments.get(i), free);
        }
    }

    private void requireFitting(Tensor argument, Map<String, Long> free) {
        if (!dense(Tensors.requireOpen(argument)))
            throw new IllegalArgumentException(name + " is sparse or quantized: give it as a dense tensor of numbers");
        if (argument.scalar_type().intern() != type)
            throw new IllegalArgumentException(
                    name + " is of type " + argument.scalar_type().intern() + ", not " + type);
        long[] shape = argument.shape();
        boolean fits = shape.length == sizes.size();
        for (int d = 0; fits && d < shape.length; d++) fits = sizes.get(d).takes(shape[d], free);
        if (fits) return;
        throw new IllegalArgumentException(
                name + " is of sizes " + Arrays.toString(shape) + ", not " + sizes + ranges());
    }

    /** Returns whether a tensor is neither sparse nor quantized. */
    static boolean dense(Tensor tensor) {
        return tensor.layout().intern() == Layout.Strided && !tensor.is_quantized();
    }

    /** Returns the ranges of the dynamic sizes that have one, as " with s77 from 2 to 64". */
    private String ranges() {
        List<String> ranges = new ArrayList<>();
        for (Size size : sizes) {
            if (!size.free() || (size.least <= 1 && size.most == Long.MAX_VALUE)) continue;
            ranges.add(size + " from " + size.least + (size.most == Long.MAX_VALUE ? "" : " to " + size.most));
        }
        return ranges.isEmpty() ? "" : ranges.stream().distinct().collect(Collectors.joining(" and ", " with ", ""));
    }
}
