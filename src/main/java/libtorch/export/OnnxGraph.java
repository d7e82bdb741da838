package libtorch.export;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.Versions;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes a program as ONNX: the forward method and, as a second output, the embedding of the encode method, if there is
 * one with the same inputs. Java has no small library that runs ONNX, so a written file is not verified as others are;
 * the tests run it with onnxruntime.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">the fields</a>
 */
final class OnnxGraph {
    private static final int OPSET = 17;
    private static final int IR_VERSION = 8; // the one that came with this opset, in 2022

    private static final Map<ScalarType, Integer> TYPES = Map.of(
            ScalarType.Float, 1,
            ScalarType.Byte, 2,
            ScalarType.Char, 3,
            ScalarType.Short, 5,
            ScalarType.Int, 6,
            ScalarType.Long, 7,
            ScalarType.Bool, 9,
            ScalarType.Half, 10,
            ScalarType.Double, 11);

    private final SavedNetwork program;
    private final Protobuf graph = new Protobuf();
    private final Set<String> names = new HashSet<>(List.of("output", "embedding"));
    private final Map<List<Object>, List<String>> results = new HashMap<>(); // by operator, inputs and attributes
    private final Map<String, Symbol> symbols = new HashMap<>(); // of values, by name in the file
    private final Map<String, Protobuf> initializers = new TreeMap<>();
    private final Map<List<Object>, String> constants = new HashMap<>(); // names by type, shape and bytes

    private OnnxGraph(SavedNetwork program) {
        this.program = program;
        names.addAll(program.state().keySet());
        graph.add(2, program.name());
    }

    /**
     * Saves a program.
     *
     * @param texts to store in the file, by name
     * @throws LibTorchException if an operator is not supported
     */
    static void save(Path file, SavedNetwork program, Map<String, String> texts) {
        try (PointerScope scope = new PointerScope()) {
            byte[] model = new OnnxGraph(program).model(texts);
            AtomicFile.write(file, temporary -> Files.write(temporary, model));
        }
    }

    private byte[] model(Map<String, String> texts) {
        MethodGraph forward = method("forward").orElseThrow();
        List<String> inputs = new ArrayList<>();
        for (Symbol input : forward.inputs()) {
            boolean images = forward.inputs().size() == 1 && input.type() == ScalarType.Float;
            inputs.add(input(images ? "images" : input.name(), input));
        }
        addOutputs(forward, inputs, "output");
        method("encode")
                .filter(encode -> typesAndShapes(encode).equals(typesAndShapes(forward)))
                .ifPresent(encode -> addOutputs(encode, inputs, "embedding"));
        initializers.values().forEach(initializer -> graph.add(5, initializer));
        Protobuf model = new Protobuf()
                .add(1, IR_VERSION)
                .add(2, "mnist-libtorch")
                .add(3, Versions.current().project())
                .add(7, graph)
                .add(8, new Protobuf().add(2, OPSET));
        new TreeMap<>(texts)
                .forEach((name, text) ->
                        model.add(14, new Protobuf().add(1, name).add(2, text)));
        return model.bytes();
    }

    private Optional<MethodGraph> method(String name) {
        return program.methods().stream()
                .filter(method -> method.method().equals(name))
                .findFirst();
    }

    /** Returns the types and shapes of the inputs. */
    private static List<Symbol> typesAndShapes(MethodGraph graph) {
        return graph.inputs().stream()
                .map(input -> new Symbol("", input.type(), input.shape()))
                .toList();
    }

    /** Adds a method's nodes, except those that exist already, and its results as outputs. */
    private void addOutputs(MethodGraph method, List<String> inputs, String name) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++)
            values.put(method.inputs().get(i).name(), inputs.get(i));
        String examples = values.getOrDefault(method.batchInput().name(), "");
        for (Node node : method.nodes()) {
            List<String> results = OnnxOperators.add(new OnnxCall(program.name(), this, node, values, examples));
            for (int i = 0; i < results.size(); i++) {
                Symbol symbol = node.results().get(i);
                putSymbol(results.get(i), symbol);
                values.put(symbol.name(), results.get(i));
            }
        }
        for (int i = 0; i < method.outputs().size(); i++) {
            String result = Objects.requireNonNull(values.get(method.outputs().get(i)));
            output(i == 0 ? name : unique(name), result);
        }
    }

    /** Declares an input of a method. */
    private String input(String base, Symbol symbol) {
        String name = unique(base);
        declare(11, name, symbol);
        return name;
    }

    /** Declares a value as an output. */
    private void output(String name, String value) {
        graph.add(1, new Protobuf().add(1, value).add(2, name).add(4, "Identity"));
        declare(12, name, symbol(value));
    }

    private void declare(int field, String name, Symbol symbol) {
        symbols.put(name, symbol);
        Protobuf dimensions = new Protobuf();
        for (long size : symbol.shape()) {
            String free = size == MethodGraph.BATCH ? "N" : -size + "*N";
            dimensions.add(1, size < 0 ? new Protobuf().add(2, free) : new Protobuf().add(1, size));
        }
        Protobuf type = new Protobuf().add(1, type(symbol.type())).add(2, dimensions);
        graph.add(field, new Protobuf().add(1, name).add(2, new Protobuf().add(1, type)));
    }

    /** Returns ONNX's number of a data type. */
    static long type(ScalarType type) {
        Integer number = TYPES.get(type);
        if (number == null) throw new IllegalArgumentException("ONNX has no type " + type);
        return number;
    }

    /** Returns type and shape of a value. */
    Symbol symbol(String name) {
        return Objects.requireNonNull(symbols.get(name), name);
    }

    void putSymbol(String name, Symbol symbol) {
        symbols.putIfAbsent(name, symbol);
    }

    private String unique(String base) {
        String name = base;
        for (int i = 1; !names.add(name); i++) name = base + "_" + i;
        return name;
    }

    /** Adds a node, unless an equal one exists, and returns the names of its results. */
    List<String> add(String base, int count, String type, List<String> inputs, Map<String, Object> attributes) {
        return results.computeIfAbsent(List.of(type, count, inputs, attributes), equalNode -> {
            List<String> outputs = new ArrayList<>();
            for (int i = 0; i < count; i++) outputs.add(unique(base));
            int given = inputs.size();
            while (given > 0 && inputs.get(given - 1).isEmpty()) given--; // as without a bias
            Protobuf message = new Protobuf();
            for (String input : inputs.subList(0, given)) message.add(1, input);
            outputs.forEach(output -> message.add(2, output));
            message.add(3, outputs.get(0)).add(4, type);
            new TreeMap<>(attributes).forEach((name, value) -> message.add(5, attribute(name, value)));
            graph.add(1, message);
            return outputs;
        });
    }

    private static Protobuf attribute(String name, Object value) {
        Protobuf attribute = new Protobuf().add(1, name);
        if (value instanceof Long number) return attribute.add(3, number).add(20, 2);
        if (value instanceof Double number)
            return attribute.add(2, number.floatValue()).add(20, 1);
        if (value instanceof String text) return attribute.add(4, text).add(20, 3);
        for (Object number : (List<?>) value) attribute.add(8, (Long) number);
        return attribute.add(20, 7);
    }

    /** Returns the name of a parameter or buffer. */
    String state(String name) {
        if (!initializers.containsKey(name)) {
            initializer(name, tensor(name));
        }
        return name;
    }

    Tensor tensor(String state) {
        return Objects.requireNonNull(program.state().get(state));
    }

    private void initializer(String name, Tensor tensor) {
        Symbol symbol = Symbol.of(name, tensor);
        Protobuf message = new Protobuf();
        symbol.shape().forEach(size -> message.add(1, size));
        initializers.put(name, message.add(2, type(symbol.type())).add(8, name).add(9, Weights.bytes(tensor)));
        symbols.put(name, symbol);
    }

    /** Returns the name of a constant list of integers, as a shape. */
    String longs(List<Long> values) {
        return constant(Tensors.of(values.stream().mapToLong(Long::longValue).toArray(), values.size()));
    }

    /** Returns the name of a constant number of a type. */
    String scalar(Object value, ScalarType type) {
        Tensor number = value instanceof Double real
                ? Tensors.of(new double[] {real})
                : Tensors.of(new long[] {value instanceof Boolean flag ? (flag ? 1 : 0) : (Long) value});
        return constant(number.to(type));
    }

    /** Returns the name of a constant. */
    String constant(Tensor tensor) {
        List<Object> content = List.of(
                tensor.scalar_type().intern(), Arrays.toString(tensor.shape()), ByteBuffer.wrap(Weights.bytes(tensor)));
        return constants.computeIfAbsent(content, absent -> {
            String name = unique("constant");
            initializer(name, tensor);
            return name;
        });
    }
}
