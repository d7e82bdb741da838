package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.nn.AtenOperator;
import libtorch.nn.AtenOperator.Parameter;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Writes a method of a network as a program of {@code torch.export}, in JSON.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.10.0/torch/_export/serde/schema.yaml">the format</a>
 */
final class GraphWriter {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    /** The number of examples, as torch.export writes dynamic sizes. */
    private static final String BATCH = "Symbol('s77', positive=True, integer=True)";

    /** The format string of a program as torch.export writes it. */
    private static final String PROGRAM = """
            {"graph_module": {
                "graph": {"inputs": %s, "outputs": %s, "nodes": %s, "tensor_values": %s, "sym_int_values": %s,
                    "sym_bool_values": {}, "sym_float_values": {}, "custom_obj_values": {},
                    "is_single_tensor_return": false},
                "signature": {"input_specs": %s, "output_specs": %s},
                "module_call_graph": [{"fqn": "", "signature": {"inputs": [], "outputs": [],
                    "in_spec": %s, "out_spec": %s, "forward_arg_names": %s}}],
                "metadata": {}, "treespec_namedtuple_fields": {}},
            "opset_version": {"aten": 10}, "range_constraints": {"s77": {"min_val": 1, "max_val": null}},
            "schema_version": {"major": 8, "minor": 14}, "verifiers": ["TRAINING"], "torch_version": "%s"}
            """;

    private static final Map<String, Object> CPU = fields("type", "cpu", "index", null);

    private static final String LEAF = tree("null", "null");

    private final SavedNetwork program;
    private final MethodGraph graph;
    private final Set<String> names = new HashSet<>(); // in use
    private final Map<String, String> weights = new LinkedHashMap<>(); // placeholders, by weight
    private final Map<Long, String> sizes = new TreeMap<>(); // names of multiples of the number of examples

    GraphWriter(SavedNetwork program, MethodGraph graph) {
        this.program = program;
        this.graph = graph;
        graph.inputs().forEach(input -> names.add(input.name()));
        graph.nodes().forEach(node -> node.results().forEach(result -> names.add(result.name())));
        Set<Object> used = graph.nodes().stream().flatMap(Node::values).collect(Collectors.toSet());
        for (String weight : program.state().keySet()) {
            // a program has the weights that it uses, and forward's has all
            if (graph.method().equals("forward") || used.contains(new State(weight)))
                weights.put(weight, unique((isParameter(weight) ? "p_" : "b_") + weight.replaceAll("\\W", "_")));
        }
        for (Object value : used) if (value instanceof Size size) sizes.put(size.times(), "");
        if (!sizes.isEmpty()) sizes.put(1L, "");
        sizes.replaceAll((times, none) -> unique(times == 1 ? "sym_size_int" : "mul_" + times));
    }

    private String unique(String base) {
        String name = base;
        while (!names.add(name)) name += "_";
        return name;
    }

    private boolean isParameter(String weight) {
        return program.parameters().containsKey(weight);
    }

    private static String json(Object value) {
        return GSON.toJson(value);
    }

    /** Returns the program's weights config: the weights are in the entries weight_0, weight_1 and so on. */
    String weights() {
        List<String> all = List.copyOf(program.state().keySet());
        Map<String, Object> config = new LinkedHashMap<>();
        for (String weight : weights.keySet()) {
            String path = "weight_" + all.indexOf(weight);
            boolean parameter = isParameter(weight);
            config.put(
                    weight,
                    fields("path_name", path, "is_param", parameter, "use_pickle", false, "tensor_meta", meta(weight)));
        }
        return json(Map.of("config", config));
    }

    /**
     * Returns the program's JSON.
     *
     * @throws LibTorchException if the format does not support an operator or an argument
     */
    String program() {
        List<Object> inputs = new ArrayList<>();
        List<Object> inputSpecs = new ArrayList<>();
        Map<String, Object> values = new LinkedHashMap<>();
        weights.forEach((weight, name) -> {
            inputs.add(tensor(name));
            inputSpecs.add(inputSpec(weight, name));
            values.put(name, meta(weight));
        });
        for (Symbol input : graph.inputs()) {
            inputs.add(tensor(input.name()));
            inputSpecs.add(Map.of("user_input", Map.of("arg", tensor(input.name()))));
            values.put(input.name(), meta(input, false));
        }
        List<Object> nodes = new ArrayList<>();
        Map<String, Object> sizeValues = new LinkedHashMap<>();
        sizes.forEach((times, name) -> {
            nodes.add(node(times, name));
            sizeValues.put(name, size(-times));
        });
        for (Node node : graph.nodes()) {
            nodes.add(node(node));
            node.results().forEach(result -> values.put(result.name(), meta(result, false)));
        }
        List<Map<String, Object>> outputs =
                graph.outputs().stream().map(GraphWriter::tensor).toList();
        List<Object> outputSpecs = new ArrayList<>();
        for (Object output : outputs) outputSpecs.add(Map.of("user_output", Map.of("arg", output)));
        // Python calls it with positional arguments, for a tensor or a tuple of tensors
        String call = tuple(List.of(leaves(graph.inputs().size()), tree("\"builtins.dict\"", "\"[]\"")));
        String results = outputs.size() == 1 ? LEAF : leaves(outputs.size());
        String exported = PROGRAM.formatted(
                json(inputs),
                json(outputs),
                json(nodes),
                json(values),
                json(sizeValues),
                json(inputSpecs),
                json(outputSpecs),
                json("[1, " + call + "]"),
                json("[1, " + results + "]"),
                json(graph.inputs().stream().map(Symbol::name).toList()),
                Versions.current().libtorch().replaceFirst("-.*", ""));
        return json(JsonParser.parseString(exported)); // without the spaces
    }

    /** Returns the tree spec of a value, as Python's pytree writes it. */
    private static String tree(String type, String context, String... parts) {
        return "{\"type\": " + type + ", \"context\": " + context + ", \"children_spec\": " + Arrays.toString(parts)
                + "}";
    }

    private static String tuple(List<String> parts) {
        return tree("\"builtins.tuple\"", "\"null\"", parts.toArray(String[]::new));
    }

    private static String leaves(int count) {
        return tuple(Collections.nCopies(count, LEAF));
    }

    private Map<String, Object> inputSpec(String weight, String name) {
        Map<String, Object> argument = Map.of("name", name);
        return isParameter(weight)
                ? Map.of("parameter", fields("arg", argument, "parameter_name", weight))
                : Map.of("buffer", fields("arg", argument, "buffer_name", weight, "persistent", true));
    }

    // Nodes

    /** Returns a node for a multiple of the number of examples. */
    private Map<String, Object> node(long times, String name) {
        if (times == 1) {
            String input = graph.batchInput().name();
            List<Object> inputs =
                    List.of(input("self", tensor(input), false), input("dim", Map.of("as_int", 0), false));
            return node(AtenOperator.target("sym_size.int"), name, inputs, List.of(size(name)));
        }
        String examples = Objects.requireNonNull(sizes.get(1L));
        List<Object> inputs = List.of(input("a", size(examples), false), input("b", Map.of("as_int", times), false));
        return node("_operator.mul", name, inputs, List.of(size(name)));
    }

    private Map<String, Object> node(Node node) {
        try {
            AtenOperator operator = AtenOperator.named(node.operator());
            ProgramOperators.require(operator);
            node.arguments().keySet().forEach(operator::parameter);
            List<Object> inputs = new ArrayList<>();
            boolean byKeyword = false; // also the arguments after one that is left out
            for (Parameter parameter : operator.parameters()) {
                String name = parameter.name();
                byKeyword |= parameter.keywordOnly() || !node.arguments().containsKey(name);
                if (node.arguments().containsKey(name))
                    inputs.add(input(name, argument(parameter, node.arguments().get(name)), byKeyword));
                else if (name.equals("device") && node.isFactory())
                    inputs.add(input(name, Map.of("as_device", CPU), byKeyword));
            }
            List<Map<String, Object>> results =
                    node.results().stream().map(result -> tensor(result.name())).toList();
            boolean list = operator.returns().get(0).equals("Tensor[]");
            List<?> outputs = list
                    ? List.of(Map.of(
                            "as_tensors",
                            results.stream()
                                    .map(result -> result.get("as_tensor"))
                                    .toList()))
                    : results;
            return node(operator.target(), node.result().name(), inputs, outputs);
        } catch (IllegalArgumentException e) {
            throw new LibTorchException(
                    program.name() + " cannot be saved as .pt2: in " + graph.method() + ", " + e.getMessage(),
                    "compute it with other operators, or save the other formats",
                    e);
        }
    }

    private static Map<String, Object> tensor(String name) {
        return Map.of("as_tensor", Map.of("name", name));
    }

    private static Map<String, Object> size(String name) {
        return Map.of("as_sym_int", Map.of("as_name", name));
    }

    private static Map<String, Object> input(String name, Map<String, Object> argument, boolean byKeyword) {
        return fields("name", name, "arg", argument, "kind", byKeyword ? 2 : 1);
    }

    private static Map<String, Object> node(String target, String name, List<?> inputs, List<?> outputs) {
        Map<String, Object> node = fields("target", target, "inputs", inputs, "outputs", outputs, "metadata", Map.of());
        node.put("is_hop_single_tensor_return", null);
        node.put("name", name);
        return node;
    }

    private Map<String, Object> argument(Parameter parameter, @Nullable Object value) {
        String type = parameter.type().replaceFirst("\\?$", "");
        if (!(value instanceof List<?> list)) return argument(parameter, value, type);
        List<Map<String, Object>> elements = new ArrayList<>();
        for (Object element : list) elements.add(argument(parameter, element, type.replaceFirst("\\[]$", "")));
        if (type.equals("Tensor?[]")) return Map.of("as_optional_tensors", elements);
        String kind = switch (type) {
            case "Tensor[]" -> "as_tensors";
            case "float[]" -> "as_floats";
            case "bool[]" -> "as_bools";
            case "str[]" -> "as_strings";
            default -> list.stream().anyMatch(Size.class::isInstance) ? "as_sym_ints" : "as_ints";
        };
        boolean named = kind.equals("as_sym_ints"); // whose elements keep their kind
        List<Object> values = new ArrayList<>();
        for (Map<String, Object> element : elements)
            values.add(
                    named && element.containsKey("as_int")
                            ? element
                            : element.values().iterator().next());
        return Map.of(kind, values);
    }

    private Map<String, Object> argument(Parameter parameter, @Nullable Object value, String type) {
        if (value == null) return Map.of("as_none", true);
        if (value instanceof Ref ref) return tensor(ref.name());
        if (value instanceof State state) return tensor(Objects.requireNonNull(weights.get(state.name())));
        if (value instanceof Size size) return size(Objects.requireNonNull(sizes.get(size.times())));
        if (value instanceof Boolean) return Map.of("as_bool", value);
        if (value instanceof Long) return Map.of(type.equals("float") ? "as_float" : "as_int", value);
        if (value instanceof Double number) // JSON has no infinite numbers; Python writes them as these texts
        return Map.of("as_float", Double.isFinite(number) ? number : number.toString());
        if (value instanceof String) return Map.of("as_string", value);
        if (value instanceof ScalarType scalarType)
            return Map.of("as_scalar_type", ExportedArchive.TYPES.indexOf(scalarType));
        if (value instanceof MemoryFormat format)
            return Map.of("as_memory_format", ArgumentReader.FORMATS.indexOf(format));
        throw new IllegalArgumentException(
                parameter.name() + " is a " + value.getClass().getSimpleName() + ", " + value);
    }

    // Types and shapes

    private Map<String, Object> meta(String weight) {
        Tensor tensor = Objects.requireNonNull(program.state().get(weight));
        boolean integers = torch.isIntegralType(tensor.scalar_type(), /*includeBool*/ true);
        return meta(Symbol.of(weight, tensor), isParameter(weight) && !integers);
    }

    /** Returns a size; a negative one is a multiple of the number of examples. */
    private static Map<String, Object> size(long size) {
        if (size >= 0) return Map.of("as_int", size);
        String expression = size == MethodGraph.BATCH ? BATCH : "Mul(Integer(" + -size + "), " + BATCH + ")";
        return Map.of("as_expr", fields("expr_str", expression, "hint", Map.of("as_int", -2 * size)));
    }

    private static Map<String, Object> meta(Symbol symbol, boolean requiresGrad) {
        List<Long> shape = symbol.shape();
        List<Object> sizes = new ArrayList<>();
        List<Object> strides = new ArrayList<>();
        long stride = 1;
        for (int d = shape.size() - 1; d >= 0; d--) {
            sizes.add(0, size(shape.get(d)));
            strides.add(0, Map.of("as_int", stride));
            if (shape.get(d) >= 0) stride *= Math.max(1, shape.get(d));
        }
        int type = ExportedArchive.TYPES.indexOf(symbol.type());
        return fields(
                "dtype", type,
                "sizes", sizes,
                "requires_grad", requiresGrad,
                "device", CPU,
                "strides", strides,
                "storage_offset", Map.of("as_int", 0),
                "layout", ExportedArchive.STRIDED);
    }

    /** Returns a JSON object of alternating names and values, in this order. */
    private static Map<String, Object> fields(@Nullable Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2)
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return fields;
    }
}
