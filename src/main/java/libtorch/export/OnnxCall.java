package libtorch.export;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import libtorch.LibTorchException;
import libtorch.export.OnnxGraph.Info;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A call of an ATen operator that becomes one or more nodes of ONNX: its arguments, and what adds nodes.
 *
 * @param network its name, for errors
 * @param values names in the file, by names in the method
 * @param examples an input of the method whose first size is the number of examples
 */
record OnnxCall(String network, OnnxGraph graph, Node node, Map<String, String> values, String examples) {
    // Arguments

    @Nullable
    Object get(String argument) {
        return node.arguments().get(argument);
    }

    /** Returns an argument, or this where it is absent or null. */
    Object get(String argument, Object byDefault) {
        Object value = get(argument);
        return value == null ? byDefault : value;
    }

    long number(String argument, long byDefault) {
        if (get(argument, byDefault) instanceof Long number) return number;
        throw unknown(" with the " + argument + " " + get(argument));
    }

    /** Returns a list of numbers; of a single one as many. */
    List<Long> numbers(String argument, int count, long byDefault) {
        Object value = get(argument, List.of(byDefault));
        List<Long> numbers = new ArrayList<>();
        for (Object number : value instanceof List<?> list ? list : List.of(value)) {
            if (!(number instanceof Long fixed)) throw unknown(" with the " + argument + " " + value);
            numbers.add(fixed);
        }
        return numbers.size() == 1 ? Collections.nCopies(count, numbers.get(0)) : numbers;
    }

    /** Returns a dimension, counted from the first. */
    long dimension(String argument, long byDefault, int dimensions) {
        return Math.floorMod(number(argument, byDefault), dimensions);
    }

    /** Makes sure that an argument is absent, null or one of some values. */
    void require(String argument, Object... accepted) {
        Object value = get(argument);
        if (value != null && !List.of(accepted).contains(value)) throw unknown(" with the " + argument + " " + value);
    }

    LibTorchException unknown(String detail) {
        return new LibTorchException(
                network + " cannot be saved as ONNX: the operator " + node.operator() + detail
                        + " has no counterpart there that is known here",
                "see docs/YOUR-OWN.md");
    }

    Info result() {
        return new Info(node.result().type(), node.result().shape());
    }

    List<Long> shapeOf(String name) {
        return graph.info(name).shape();
    }

    int rank(String name) {
        return shapeOf(name).size();
    }

    // Values

    /** Returns the name of an argument that is a tensor or a number; empty where there is none. */
    String input(String argument) {
        return input(argument, result().type());
    }

    /** Returns the name of an argument; where it is a number, it becomes one of this type. */
    String input(String argument, ScalarType type) {
        return value(argument, get(argument), type);
    }

    /** Returns the names of an argument that is a list of tensors. */
    List<String> inputs(String argument) {
        List<String> names = new ArrayList<>();
        for (Object value : (List<?>) Objects.requireNonNull(get(argument)))
            names.add(value(argument, value, result().type()));
        return names;
    }

    private String value(String argument, @Nullable Object value, ScalarType type) {
        if (value == null) return "";
        if (value instanceof Ref ref) return Objects.requireNonNull(values.get(ref.name()));
        if (value instanceof State state) return graph.state(state.name());
        if (value instanceof Size size) {
            String number = add("Squeeze", List.of(sizes(List.of(-size.times()))));
            return know(add("Cast", List.of(number), "to", OnnxGraph.type(type)), List.of());
        }
        if (value instanceof Number || value instanceof Boolean) return graph.scalar(value, type);
        throw unknown(" with the " + argument + " " + value);
    }

    /** Returns an argument converted to the type of the result, as ATen does by itself. */
    String promoted(String argument) {
        String name = input(argument);
        return graph.info(name).type() == result().type()
                ? name
                : know(add("Cast", List.of(name), "to", OnnxGraph.type(result().type())), shapeOf(name));
    }

    /** Returns the name of a list of sizes, of which negative ones are multiples of the number of examples. */
    String sizes(List<Long> sizes) {
        if (sizes.stream().noneMatch(size -> size < 0)) return graph.longs(sizes);
        String batch = add("Slice", List.of(add("Shape", List.of(examples)), longs(0), longs(1)));
        List<String> parts = new ArrayList<>();
        for (long size : sizes)
            parts.add(
                    size >= 0
                            ? longs(size)
                            : size == MethodGraph.BATCH ? batch : add("Mul", List.of(batch, longs(-size))));
        return parts.size() == 1 ? parts.get(0) : add("Concat", parts, "axis", 0L);
    }

    String longs(long value) {
        return graph.longs(List.of(value));
    }

    String scalar(double value) {
        return graph.scalar(value, result().type());
    }

    /** Adds a node, unless an equal one is there, and returns the name of its result. */
    String add(String type, List<String> inputs, Object... attributes) {
        return graph.add(node.result().name(), 1, type, inputs, attributes).get(0);
    }

    /** Adds a node with several results. */
    List<String> addMany(int count, String type, List<String> inputs, Object... attributes) {
        return graph.add(node.result().name(), count, type, inputs, attributes);
    }

    /** Notes the shape of an intermediate value, of the result's type, and returns its name. */
    String know(String name, List<Long> shape) {
        graph.know(name, new Info(result().type(), shape));
        return name;
    }

    /** Gives a value another shape. */
    String reshape(String name, List<Long> shape) {
        long free = shape.stream().filter(size -> size < 0).count();
        List<Long> sizes = shape.stream().map(size -> Math.max(size, -1)).toList();
        // −1 stands for what is left, which is the number of examples here, or a multiple of it
        return know(add("Reshape", List.of(name, free == 1 ? graph.longs(sizes) : sizes(shape))), shape);
    }

    List<Symbol> results() {
        return node.results();
    }
}
