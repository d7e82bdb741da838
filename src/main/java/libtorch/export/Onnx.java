package libtorch.export;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
import libtorch.Versions;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a program as ONNX: the forward method and, as a second output, the embedding of the encode method where there
 * is one that takes the same inputs. Java has no small library that runs ONNX, so a written file is not verified as
 * others are; the tests let onnxruntime run it.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">the fields</a>
 */
public final class Onnx {
    /** Ends the files' names. */
    public static final String SUFFIX = ".onnx";

    private static final int OPSET = 17;
    private static final int IR_VERSION = 8; // the one that came with this opset, in 2022
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private final SavedNetwork program;
    private final Message graph = new Message();
    private final Set<String> names = new HashSet<>(List.of("output", "embedding"));
    private final Map<String, String> values =
            new HashMap<>(); // name of the result, by operator, inputs and attributes
    private final Map<String, List<Long>> shapes = new HashMap<>();
    private final Map<String, Message> initializers = new TreeMap<>();

    private Onnx(SavedNetwork program) {
        this.program = program;
        names.addAll(program.state().keySet());
    }

    /**
     * Saves a program.
     *
     * @param texts that travel in the file, by name
     * @throws LibTorchException where an operator has no counterpart
     */
    public static void save(Path file, SavedNetwork program, Map<String, String> texts) {
        byte[] model = new Onnx(program).model(texts);
        AtomicFile.write(file, temporary -> Files.write(temporary, model));
    }

    /**
     * Makes sure that a program can be saved.
     *
     * @throws LibTorchException where an operator has no counterpart
     */
    static void check(SavedNetwork program) {
        new Onnx(program).model(Map.of());
    }

    private byte[] model(Map<String, String> texts) {
        MethodGraph forward = method("forward").orElseThrow();
        List<String> inputs = new ArrayList<>();
        for (Symbol input : forward.inputs()) {
            inputs.add(unique(forward.inputs().size() == 1 ? "images" : input.name()));
        }
        graph.add(2, program.name());
        for (int i = 0; i < inputs.size(); i++)
            declare(11, inputs.get(i), forward.inputs().get(i).shape());
        addOutputs(forward, inputs, "output");
        method("encode")
                .filter(encode -> shapes(encode).equals(shapes(forward)))
                .ifPresent(encode -> addOutputs(encode, inputs, "embedding"));
        initializers.values().forEach(initializer -> graph.add(5, initializer));
        Message model = new Message()
                .add(1, IR_VERSION)
                .add(2, "mnist-libtorch")
                .add(3, Versions.current().project())
                .add(7, graph)
                .add(8, new Message().add(2, OPSET));
        new TreeMap<>(texts)
                .forEach(
                        (name, text) -> model.add(14, new Message().add(1, name).add(2, text)));
        return model.bytes();
    }

    private Optional<MethodGraph> method(String name) {
        return program.methods().stream()
                .filter(graph -> graph.method().equals(name))
                .findFirst();
    }

    private static List<List<Long>> shapes(MethodGraph graph) {
        return graph.inputs().stream().map(Symbol::shape).toList();
    }

    /** Adds a method's nodes, but for those that are there already, and its results as outputs. */
    private void addOutputs(MethodGraph method, List<String> inputs, String name) {
        Map<String, String> results = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++)
            results.put(method.inputs().get(i).name(), inputs.get(i));
        for (Node node : method.nodes()) results.put(node.result().name(), new Call(node, results).add());
        for (int i = 0; i < method.outputs().size(); i++) {
            String result = Objects.requireNonNull(results.get(method.outputs().get(i)));
            String output = i == 0 ? name : unique(name);
            graph.add(1, new Message().add(1, result).add(2, output).add(4, "Identity"));
            declare(12, output, shapeOf(result));
        }
    }

    /** Declares an input or an output of the graph. */
    private void declare(int field, String name, List<Long> shape) {
        shapes.put(name, shape);
        Message dimensions = new Message();
        for (long size : shape) {
            dimensions.add(1, size == MethodGraph.BATCH ? new Message().add(2, "N") : new Message().add(1, size));
        }
        Message type = new Message().add(1, FLOAT).add(2, dimensions);
        graph.add(field, new Message().add(1, name).add(2, new Message().add(1, type)));
    }

    /** Returns the shape of an input, of weights or of a node's result, by its name in the file. */
    private List<Long> shapeOf(String name) {
        return Objects.requireNonNull(shapes.get(name));
    }

    private String unique(String base) {
        String name = base;
        for (int i = 1; !names.add(name); i++) name = base + "_" + i;
        return name;
    }

    private String initializer(String name, int type, List<Long> shape, byte[] data) {
        Message tensor = new Message();
        shape.forEach(size -> tensor.add(1, size));
        initializers.put(name, tensor.add(2, type).add(8, name).add(9, data));
        return name;
    }

    private String floats(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return initializer(name, FLOAT, List.of((long) values.length), data.array());
    }

    private String shape(List<Long> sizes) {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES * sizes.size()).order(ByteOrder.LITTLE_ENDIAN);
        sizes.forEach(data::putLong);
        return initializer("shape " + sizes, INT64, List.of((long) sizes.size()), data.array());
    }

    /** A call of an ATen operator that becomes one or more nodes. */
    private final class Call {
        private final Node node;
        private final Map<String, String> results; // names in the file by names in the method

        Call(Node node, Map<String, String> results) {
            this.node = node;
            this.results = results;
        }

        String add() {
            return switch (node.operator()) {
                case "conv2d" -> conv2d();
                case "linear" -> linear();
                case "batch_norm" -> batchNorm();
                case "max_pool2d" -> maxPool2d();
                case "upsample_nearest2d.vec" -> upsample();
                case "relu" -> operator("Relu", List.of(input("self")));
                case "sigmoid" -> operator("Sigmoid", List.of(input("self")));
                case "tanh" -> operator("Tanh", List.of(input("self")));
                case "add.Tensor" -> elementwise("Add");
                case "sub.Tensor" -> elementwise("Sub");
                case "div.Tensor" -> operator("Div", List.of(input("self"), input("other")));
                case "log_softmax.int" -> {
                    require("dtype");
                    yield operator(
                            "LogSoftmax",
                            List.of(input("self")),
                            "axis",
                            Objects.requireNonNull(node.arguments().get("dim")));
                }
                case "flatten.using_ints", "view", "reshape" -> // −1 stands for what is left, which is the batch here
                    operator(
                            "Reshape",
                            List.of(input("self"), shape(node.result().shape())));
                default -> throw unknown("");
            };
        }

        private String conv2d() {
            return operator(
                    "Conv",
                    List.of(input("input"), input("weight"), input("bias")),
                    "strides",
                    pair("stride", 1),
                    "pads",
                    twice(pair("padding", 0)),
                    "dilations",
                    pair("dilation", 1),
                    "group",
                    node.arguments().getOrDefault("groups", 1L));
        }

        private String linear() {
            String x = input("input");
            String weight = input("weight");
            String bias = input("bias");
            if (shapeOf(x).size() == 2) return operator("Gemm", List.of(x, weight, bias), "transB", 1L);
            String transposed = operator("Transpose", List.of(weight), "perm", List.of(1L, 0L));
            String product = operator("MatMul", List.of(x, transposed));
            return bias.isEmpty() ? product : operator("Add", List.of(product, bias));
        }

        private String batchNorm() {
            require("training", false);
            String mean = input("running_mean");
            float[] scale = new float[Math.toIntExact(shapeOf(mean).get(0))];
            float[] shift = scale.clone();
            Arrays.fill(scale, 1);
            boolean affine = !input("weight").isEmpty();
            return operator(
                    "BatchNormalization",
                    List.of(
                            input("input"),
                            affine ? input("weight") : floats("ones " + scale.length, scale),
                            affine ? input("bias") : floats("zeros " + scale.length, shift),
                            mean,
                            input("running_var")),
                    "epsilon",
                    node.arguments().getOrDefault("eps", 1e-5));
        }

        private String maxPool2d() {
            require("ceil_mode", false);
            List<Long> kernel = pair("kernel_size", 1);
            Object stride = node.arguments().get("stride");
            return operator(
                    "MaxPool",
                    List.of(input("self")),
                    "kernel_shape",
                    kernel,
                    "strides",
                    stride == null || stride.equals(List.of()) ? kernel : pair("stride", 1),
                    "pads",
                    twice(pair("padding", 0)),
                    "dilations",
                    pair("dilation", 1));
        }

        private String upsample() {
            List<Long> before = shapeOf(input("input"));
            List<Long> after = node.result().shape();
            float[] factors = {1, 1, after.get(2) / before.get(2), after.get(3) / before.get(3)};
            for (int d = 2; d < 4; d++) if (after.get(d) % before.get(d) != 0) throw unknown(" by a fraction");
            return operator(
                    "Resize",
                    List.of(input("input"), "", floats("factors " + Arrays.toString(factors), factors)),
                    "mode",
                    "nearest",
                    "coordinate_transformation_mode",
                    "asymmetric",
                    "nearest_mode",
                    "floor");
        }

        /** Adds a node, unless an equal one is there, and returns the name of its result. */
        private String operator(String type, List<String> inputs, Object... attributes) {
            return values.computeIfAbsent(type + inputs + Arrays.toString(attributes), equalNode -> {
                String result = unique(node.result().name());
                shapes.put(result, node.result().shape());
                Message message = new Message();
                int count = inputs.get(inputs.size() - 1).isEmpty() ? inputs.size() - 1 : inputs.size(); // no bias
                for (String input : inputs.subList(0, count)) message.add(1, input);
                message.add(2, result).add(3, result).add(4, type);
                for (int i = 0; i < attributes.length; i += 2) {
                    message.add(5, attribute((String) attributes[i], attributes[i + 1]));
                }
                graph.add(1, message);
                return result;
            });
        }

        private Message attribute(String name, Object value) {
            Message attribute = new Message().add(1, name);
            if (value instanceof Long number) return attribute.add(3, number).add(20, 2);
            if (value instanceof Double number)
                return attribute.add(2, number.floatValue()).add(20, 1);
            if (value instanceof String text) return attribute.add(4, text).add(20, 3);
            for (Object number : (List<?>) value) attribute.add(8, (Long) number);
            return attribute.add(20, 7);
        }

        /** Returns the name of an argument that is a tensor; empty where there is none. */
        private String input(String argument) {
            Object value = node.arguments().get(argument);
            if (value == null) return "";
            if (value instanceof Ref ref) return Objects.requireNonNull(results.get(ref.name()));
            if (!(value instanceof State state)) throw unknown(" with the " + argument + " " + value);
            if (initializers.containsKey(state.name())) return state.name();
            Tensor tensor = Objects.requireNonNull(program.state().get(state.name()));
            shapes.put(state.name(), Arrays.stream(tensor.shape()).boxed().toList());
            int type = tensor.is_floating_point() ? FLOAT : INT64;
            return initializer(state.name(), type, shapeOf(state.name()), Weights.bytes(tensor));
        }

        /** Returns two numbers, for height and width. */
        private List<Long> pair(String argument, long byDefault) {
            if (!(node.arguments().get(argument) instanceof List<?> list)) return List.of(byDefault, byDefault);
            return List.of((Long) list.get(0), (Long) list.get(list.size() - 1));
        }

        private static List<Long> twice(List<Long> pair) {
            return Collections.nCopies(2, pair).stream().flatMap(List::stream).toList();
        }

        /** Adds or subtracts, without a factor. */
        private String elementwise(String operator) {
            require("alpha", 1L, 1.0);
            return operator(operator, List.of(input("self"), input("other")));
        }

        /** Makes sure that an argument is absent, null or one of some values. */
        private void require(String argument, Object... values) {
            Object value = node.arguments().get(argument);
            if (value != null && !List.of(values).contains(value)) throw unknown(" with the " + argument + " " + value);
        }

        private LibTorchException unknown(String detail) {
            return new LibTorchException(
                    program.name() + " cannot be saved as ONNX: the operator " + node.operator() + detail
                            + " has no counterpart there that is known here",
                    "see docs/YOUR-OWN.md");
        }
    }

    /** A message of protobuf that is being written: fields with their numbers, and values. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message add(int field, long value) {
            return varint(field << 3).varint(value);
        }

        Message add(int field, float value) {
            varint(field << 3 | 5);
            int bits = Float.floatToIntBits(value);
            for (int shift = 0; shift < Integer.SIZE; shift += 8) out.write(bits >> shift);
            return this;
        }

        Message add(int field, String text) {
            return add(field, text.getBytes(StandardCharsets.UTF_8));
        }

        Message add(int field, Message message) {
            return add(field, message.bytes());
        }

        Message add(int field, byte[] content) {
            varint(field << 3 | 2).varint(content.length).out.writeBytes(content);
            return this;
        }

        private Message varint(long value) {
            long rest = value;
            for (; (rest & ~0x7fL) != 0; rest >>>= 7) out.write(((int) rest & 0x7f) | 0x80);
            out.write((int) rest);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
