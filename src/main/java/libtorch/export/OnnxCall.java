package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import libtorch.LibTorchException;
import libtorch.nn.AtenOperator;
import libtorch.nn.AtenOperator.Parameter;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A call of an ATen operator that is written as nodes of ONNX: reads its arguments and adds nodes.
 *
 * @param network its name, for errors
 * @param values names in the file, by names in the method
 * @param examples an input of the method whose first size is the number of examples
 */
record OnnxCall(String network, OnnxGraph graph, Node node, Map<String, String> values, String examples) {
    /** Types of arguments that are of another type than the result. */
    private static final Map<String, ScalarType> TYPES = Map.of(
            "condition", ScalarType.Bool,
            "mask", ScalarType.Bool,
            "index", ScalarType.Long,
            "indices", ScalarType.Long,
            "diagonal", ScalarType.Long);

    // Arguments

    /** Returns an argument, or its default. */
    @Nullable
    Object get(String argument) {
        if (node.arguments().containsKey(argument)) return node.arguments().get(argument);
        for (Parameter parameter : AtenOperator.named(node.operator()).parameters())
            if (parameter.name().equals(argument) && parameter.fallback() != null) return value(parameter.fallback());
        return null;
    }

    private static @Nullable Object value(IValue fallback) {
        if (fallback.isBool()) return fallback.toBool();
        if (fallback.isInt()) return fallback.toInt();
        if (fallback.isDouble()) return fallback.toDouble();
        if (fallback.isString()) return fallback.toStringRef().getString();
        return fallback.isIntList()
                ? Arrays.stream(fallback.toIntVector().get()).boxed().toList()
                : null;
    }

    boolean flag(String argument) {
        return Boolean.TRUE.equals(get(argument));
    }

    /** Returns an integer, or the default if it is absent or null. */
    long number(String argument, long byDefault) {
        Object value = get(argument);
        if (value == null) return byDefault;
        if (value instanceof Long number) return number;
        throw unsupported(" with the " + argument + " " + value);
    }

    double real(String argument) {
        return ((Number) Objects.requireNonNull(get(argument), argument)).doubleValue();
    }

    /** Returns a list of numbers; a single one is repeated {@code count} times. */
    List<Long> numbers(String argument, int count) {
        Object value = get(argument);
        List<Long> numbers = new ArrayList<>();
        for (Object number : value instanceof List<?> list ? list : Collections.singletonList(value)) {
            if (!(number instanceof Long fixed)) throw unsupported(" with the " + argument + " " + value);
            numbers.add(fixed);
        }
        return numbers.size() == 1 ? Collections.nCopies(count, numbers.get(0)) : numbers;
    }

    /** Returns a list of numbers, one for each spatial dimension. */
    List<Long> spatial(String argument) {
        return numbers(argument, result().shape().size() - 2);
    }

    /** Returns a dimension as an index from 0 on. */
    long dimension(String argument, long byDefault, int dimensions) {
        return Math.floorMod(number(argument, byDefault), dimensions);
    }

    /**
     * Returns the value of an attribute.
     *
     * @param source name of an argument, an integer, or a string in quotation marks
     */
    Object attribute(String name, String source) {
        if (source.startsWith("'")) return source.substring(1, source.length() - 1);
        if (Character.isDigit(source.charAt(0))) return Long.valueOf(source);
        String type = AtenOperator.named(node.operator()).parameter(source).type();
        if (type.equals("Scalar") || type.equals("float")) return real(source);
        if (!type.contains("[]")) return number(source, 0);
        return name.equals("pads") ? twice(spatial(source)) : spatial(source);
    }

    /** Returns the paddings at the beginnings and then those at the ends, which are equal. */
    static List<Long> twice(List<Long> numbers) {
        return Collections.nCopies(2, numbers).stream().flatMap(List::stream).toList();
    }

    /** Checks that an argument is absent, null or one of the accepted values. */
    void require(String argument, Object... accepted) {
        Object value = get(argument);
        boolean fits = value == null || Arrays.stream(accepted).anyMatch(one -> same(one, value));
        if (!fits) throw unsupported(" with the " + argument + " " + value);
    }

    /** Checks that all arguments but {@code others} are null or have their defaults. */
    void requireDefaults(Set<String> others) {
        for (Parameter parameter : AtenOperator.named(node.operator()).parameters()) {
            Object value = node.arguments().get(parameter.name());
            if (value == null || others.contains(parameter.name())) continue;
            if (parameter.fallback() == null || !same(value(parameter.fallback()), value))
                throw unsupported(" with the " + parameter.name() + " " + value);
        }
    }

    private static boolean same(@Nullable Object a, Object b) {
        return (a instanceof Number x && b instanceof Number y) ? x.doubleValue() == y.doubleValue() : b.equals(a);
    }

    LibTorchException unsupported(String detail) {
        return new LibTorchException(
                network + " cannot be saved as ONNX: the operator " + node.operator() + detail + " is not supported",
                "compute it with other operators, or save the other formats");
    }

    // Values

    Symbol result() {
        return node.result();
    }

    List<Long> shapeOf(String name) {
        return graph.symbol(name).shape();
    }

    int rank(String name) {
        return shapeOf(name).size();
    }

    /** Returns the type of an argument that is a tensor or a number. */
    ScalarType typeOf(String argument) {
        Object value = get(argument);
        if (value instanceof Boolean) return ScalarType.Bool;
        if (value instanceof Long || value instanceof Size) return ScalarType.Long;
        return value instanceof Double
                ? ScalarType.Float
                : graph.symbol(named(argument, value)).type();
    }

    /** Returns the name of an argument that is a tensor or a number; empty if there is none. */
    String input(String argument) {
        return input(argument, TYPES.getOrDefault(argument, result().type()));
    }

    /** Returns the name of an argument, converted to a type as ATen does implicitly. */
    String input(String argument, ScalarType type) {
        return input(argument, get(argument), type);
    }

    /** Returns the names of an argument that may be a list of tensors. */
    List<String> inputs(String argument) {
        if (!(get(argument) instanceof List<?> list)) return List.of(input(argument));
        List<String> names = new ArrayList<>();
        for (Object value : list) names.add(input(argument, value, result().type()));
        return names;
    }

    private String input(String argument, @Nullable Object value, ScalarType type) {
        if (value == null) return "";
        if (value instanceof Number || value instanceof Boolean) return graph.scalar(value, type);
        String name = named(argument, value);
        if (graph.symbol(name).type() == type) return name;
        String converted = add("Cast", List.of(name), Map.of("to", OnnxGraph.type(type)));
        graph.putSymbol(converted, new Symbol(converted, type, shapeOf(name)));
        return converted;
    }

    /** Returns the name of a tensor or a size among the arguments. */
    String named(String argument, @Nullable Object value) {
        if (value instanceof Ref ref) return Objects.requireNonNull(values.get(ref.name()));
        if (value instanceof State state) return graph.state(state.name());
        if (!(value instanceof Size size)) throw unsupported(" with the " + argument + " " + value);
        String number = add("Squeeze", sizes(List.of(-size.times())));
        graph.putSymbol(number, new Symbol(number, ScalarType.Long, List.of()));
        return number;
    }

    /** Returns the name of a list of sizes; negative ones are multiples of the number of examples. */
    String sizes(List<Long> sizes) {
        if (sizes.stream().noneMatch(size -> size < 0)) return graph.longs(sizes);
        String batch = add("Slice", add("Shape", examples), longs(0), longs(1));
        List<String> parts = new ArrayList<>();
        for (long size : sizes) {
            if (size >= 0) parts.add(longs(size));
            else parts.add(size == MethodGraph.BATCH ? batch : add("Mul", batch, longs(-size)));
        }
        return parts.size() == 1 ? parts.get(0) : add("Concat", parts, Map.of("axis", 0L));
    }

    String longs(long value) {
        return graph.longs(List.of(value));
    }

    String scalar(double value) {
        return graph.scalar(value, result().type());
    }

    // Nodes

    /** Adds a node, unless an equal one exists, and returns the name of its result. */
    String add(String type, String... inputs) {
        return add(type, List.of(inputs), Map.of());
    }

    String add(String type, List<String> inputs, Map<String, Object> attributes) {
        return addMany(1, type, inputs, attributes).get(0);
    }

    /** Adds a node with several results. */
    List<String> addMany(int count, String type, List<String> inputs, Map<String, Object> attributes) {
        return graph.add(node.result().name(), count, type, inputs, attributes);
    }

    /** Reshapes a value and returns the name of the result. */
    String reshape(String name, List<Long> shape) {
        long free = shape.stream().filter(size -> size < 0).count();
        List<Long> sizes = shape.stream().map(size -> Math.max(size, -1)).toList();
        // −1 is inferred: it is the number of examples, or a multiple of it
        String reshaped = add("Reshape", name, free == 1 ? graph.longs(sizes) : sizes(shape));
        graph.putSymbol(reshaped, new Symbol(reshaped, result().type(), shape));
        return reshaped;
    }
}
