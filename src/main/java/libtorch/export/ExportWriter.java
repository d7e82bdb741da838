package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Writes the archive of a .pt2 file.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.10.0/torch/_export/serde/schema.yaml">the graphs' format</a>
 */
final class ExportWriter {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    /** The free number of examples, as torch.export writes sizes that are not fixed. */
    private static final String BATCH = "Symbol('s77', positive=True, integer=True)";

    private static final Map<String, Object> LEAF = fields("type", null, "context", null, "children_spec", List.of());

    private final String folder;
    private final SavedNetwork program;
    private final Map<String, String> texts;

    /** @param folder name of the one folder in the archive */
    ExportWriter(String folder, SavedNetwork program, Map<String, String> texts) {
        this.folder = folder;
        this.program = program;
        this.texts = texts;
    }

    /** Translates every graph, and writes nothing. */
    void check() {
        for (MethodGraph graph : program.methods()) exported(graph, used(graph));
    }

    void write(Path file) throws IOException {
        List<String> names = List.copyOf(program.state().keySet());
        try (StoredZip zip = new StoredZip(file, folder);
                PointerScope scope = new PointerScope()) {
            int number = 0;
            for (Tensor tensor : program.state().values()) {
                zip.add("data/weights/weight_" + number++, Weights.bytes(tensor));
            }
            for (MethodGraph graph : program.methods()) {
                String name = graph.method().equals("forward") ? ExportedProgram.MAIN : graph.method();
                Set<String> used = used(graph);
                Map<String, Object> weights = new LinkedHashMap<>();
                for (String weight : used) weights.put(weight, payload(weight, "weight_" + names.indexOf(weight)));
                zip.add("data/weights/" + name + "_weights_config.json", json(Map.of("config", weights)));
                zip.add("data/constants/" + name + "_constants_config.json", json(Map.of("config", Map.of())));
                zip.add("models/" + name + ".json", json(exported(graph, used)));
                zip.add("data/sample_inputs/" + name + ".pt", ""); // must be there, may be empty
            }
            for (String name : texts.keySet()) zip.add("extra/" + name, texts.get(name));
            zip.add("archive_format", "pt2");
            zip.add("archive_version", "0");
            zip.add(".data/version", "6\n");
            zip.add("byteorder", "little");
            zip.add(".data/serialization_id", "0".repeat(40));
        }
    }

    private static String json(Object value) {
        return GSON.toJson(value);
    }

    /** Returns the weights that a program has: all of them for forward, otherwise those it uses. */
    private Set<String> used(MethodGraph graph) {
        Set<String> used = new LinkedHashSet<>(program.state().keySet());
        if (graph.method().equals("forward")) return used;
        used.removeIf(name -> graph.nodes().stream()
                .noneMatch(node -> node.arguments().values().stream()
                        .anyMatch(argument -> argument instanceof List<?> list
                                ? list.contains(new State(name))
                                : new State(name).equals(argument))));
        return used;
    }

    private Map<String, Object> payload(String weight, String path) {
        return fields(
                "path_name",
                path,
                "is_param",
                program.parameters().containsKey(weight),
                "use_pickle",
                false,
                "tensor_meta",
                meta(weight));
    }

    // Graphs

    private Map<String, Object> exported(MethodGraph graph, Set<String> used) {
        Set<String> taken = new LinkedHashSet<>();
        graph.inputs().forEach(input -> taken.add(input.name()));
        graph.nodes().forEach(node -> node.results().forEach(result -> taken.add(result.name())));
        Map<String, String> placeholders = new LinkedHashMap<>(); // names of weights in the graph
        for (String weight : used) {
            String name = (program.parameters().containsKey(weight) ? "p_" : "b_") + weight.replace('.', '_');
            while (!taken.add(name)) name += "_";
            placeholders.put(weight, name);
        }

        List<Object> inputs = new ArrayList<>();
        List<Object> inputSpecs = new ArrayList<>();
        Map<String, Object> values = new LinkedHashMap<>();
        placeholders.forEach((weight, name) -> {
            inputs.add(tensor(name));
            inputSpecs.add(inputSpec(weight, name));
            values.put(name, meta(weight));
        });
        for (Symbol input : graph.inputs()) {
            inputs.add(tensor(input.name()));
            inputSpecs.add(Map.of("user_input", Map.of("arg", tensor(input.name()))));
            values.put(input.name(), meta(input));
        }
        List<Object> nodes = new ArrayList<>();
        Map<Long, String> sizes = addSizes(graph, nodes, taken);
        for (Node node : graph.nodes()) {
            nodes.add(node(graph, node, placeholders, sizes));
            node.results().forEach(result -> values.put(result.name(), meta(result)));
        }
        Map<String, Object> sizeValues = new LinkedHashMap<>();
        sizes.forEach((times, name) -> sizeValues.put(name, size(-times)));
        List<Object> outputs = new ArrayList<>();
        graph.outputs().forEach(output -> outputs.add(tensor(output)));
        return fields(
                "graph_module",
                fields(
                        "graph",
                        fields(
                                "inputs",
                                inputs,
                                "outputs",
                                outputs,
                                "nodes",
                                nodes,
                                "tensor_values",
                                values,
                                "sym_int_values",
                                sizeValues,
                                "sym_bool_values",
                                Map.of(),
                                "is_single_tensor_return",
                                false,
                                "custom_obj_values",
                                Map.of(),
                                "sym_float_values",
                                Map.of()),
                        "signature",
                        fields(
                                "input_specs",
                                inputSpecs,
                                "output_specs",
                                outputs.stream()
                                        .map(output -> Map.of("user_output", Map.of("arg", output)))
                                        .toList()),
                        "module_call_graph",
                        List.of(fields("fqn", "", "signature", callSignature(graph))),
                        "metadata",
                        Map.of(),
                        "treespec_namedtuple_fields",
                        Map.of()),
                "opset_version",
                Map.of("aten", 10),
                "range_constraints",
                Map.of("s77", fields("min_val", 1, "max_val", null)),
                "schema_version",
                fields("major", 8, "minor", 14),
                "verifiers",
                List.of("TRAINING"),
                "torch_version",
                Versions.current().libtorch().replaceFirst("-.*", ""));
    }

    /** Describes how Python calls the program: with positional arguments, for a tensor or a tuple of tensors. */
    private static Map<String, Object> callSignature(MethodGraph graph) {
        int results = graph.outputs().size();
        Object arguments = tuple(graph.inputs().size());
        Object keywords = fields("type", "builtins.dict", "context", "[]", "children_spec", List.of());
        Object call =
                fields("type", "builtins.tuple", "context", "null", "children_spec", List.of(arguments, keywords));
        return fields(
                "inputs", List.of(),
                "outputs", List.of(),
                "in_spec", GSON.toJson(List.of(1, call)),
                "out_spec", GSON.toJson(List.of(1, results == 1 ? LEAF : tuple(results))),
                "forward_arg_names", graph.inputs().stream().map(Symbol::name).toList());
    }

    private static Map<String, Object> tuple(int size) {
        List<Object> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) leaves.add(LEAF);
        return fields("type", "builtins.tuple", "context", "null", "children_spec", leaves);
    }

    private Map<String, Object> inputSpec(String weight, String name) {
        Map<String, Object> argument = Map.of("name", name);
        return program.parameters().containsKey(weight)
                ? Map.of("parameter", fields("arg", argument, "parameter_name", weight))
                : Map.of("buffer", fields("arg", argument, "buffer_name", weight, "persistent", true));
    }

    /** Adds nodes for the multiples of the number of examples that arguments need; returns their names. */
    private static Map<Long, String> addSizes(MethodGraph graph, List<Object> nodes, Set<String> taken) {
        Map<Long, String> names = new TreeMap<>();
        for (Node node : graph.nodes()) {
            for (Object argument : node.arguments().values()) {
                List<?> elements = argument instanceof List<?> list ? list : Collections.singletonList(argument);
                for (Object element : elements) if (element instanceof Size size) names.put(size.times(), "");
            }
        }
        if (names.isEmpty()) return names;
        names.put(1L, "");
        names.replaceAll((times, none) -> {
            String name = times == 1 ? "sym_size_int" : "mul_" + times;
            while (!taken.add(name)) name += "_";
            return name;
        });
        String examples = Objects.requireNonNull(names.get(1L));
        names.forEach((times, name) -> {
            Map<String, Object> result = Map.of("as_sym_int", Map.of("as_name", name));
            List<Object> inputs = times == 1
                    ? List.of(
                            input("self", tensor(graph.batchInput().name()), false),
                            input("dim", Map.of("as_int", 0), false))
                    : List.of(
                            input("a", Map.of("as_sym_int", Map.of("as_name", examples)), false),
                            input("b", Map.of("as_int", times), false));
            String target = times == 1 ? AtenOperator.target("sym_size.int") : "_operator.mul";
            nodes.add(node(target, name, inputs, List.of(result)));
        });
        return names;
    }

    private static Map<String, Object> input(String name, Map<String, Object> argument, boolean byKeyword) {
        return fields("name", name, "arg", argument, "kind", byKeyword ? 2 : 1);
    }

    private static Map<String, Object> node(String target, String name, List<Object> inputs, List<Object> outputs) {
        return fields(
                "target",
                target,
                "inputs",
                inputs,
                "outputs",
                outputs,
                "metadata",
                Map.of(),
                "is_hop_single_tensor_return",
                null,
                "name",
                name);
    }

    private Map<String, Object> node(
            MethodGraph graph, Node node, Map<String, String> placeholders, Map<Long, String> sizes) {
        List<Object> inputs = new ArrayList<>();
        List<Object> outputs = new ArrayList<>();
        try {
            AtenOperator operator = AtenOperator.named(node.operator());
            ProgramOperators.require(operator);
            node.arguments().keySet().forEach(operator::parameter);
            boolean byKeyword = false; // also what follows an argument that is left out
            for (Parameter parameter : operator.parameters()) {
                String name = parameter.name();
                byKeyword |= parameter.keywordOnly() || !node.arguments().containsKey(name);
                if (!node.arguments().containsKey(name)) continue;
                Object value = node.arguments().get(name);
                inputs.add(input(name, argument(parameter, value, placeholders, sizes), byKeyword));
            }
            if (operator.returns().get(0).equals("Tensor[]")) {
                outputs.add(Map.of("as_tensors", named(node.results())));
            } else {
                node.results().forEach(result -> outputs.add(tensor(result.name())));
            }
        } catch (IllegalArgumentException e) {
            throw new LibTorchException(
                    program.name() + " cannot be saved as .pt2: in " + graph.method() + ", " + e.getMessage(),
                    "see docs/YOUR-OWN.md",
                    e);
        }
        return node(AtenOperator.target(node.operator()), node.result().name(), inputs, outputs);
    }

    private static List<Object> named(List<Symbol> results) {
        return results.stream()
                .map(result -> (Object) Map.of("name", result.name()))
                .toList();
    }

    private static Map<String, Object> argument(
            Parameter parameter, @Nullable Object value, Map<String, String> placeholders, Map<Long, String> sizes) {
        String type = parameter.type().replaceFirst("\\?$", "");
        if (!(value instanceof List<?> list)) return argument(parameter, value, placeholders, sizes, type);
        List<Map<String, Object>> elements = new ArrayList<>();
        for (Object element : list)
            elements.add(argument(parameter, element, placeholders, sizes, type.replaceFirst("\\[]$", "")));
        String kind = switch (type) {
            case "Tensor[]" -> "as_tensors";
            case "Tensor?[]" -> "as_optional_tensors";
            case "float[]" -> "as_floats";
            case "bool[]" -> "as_bools";
            case "str[]" -> "as_strings";
            default -> list.stream().anyMatch(Size.class::isInstance) ? "as_sym_ints" : "as_ints";
        };
        return Map.of(
                kind,
                switch (kind) {
                    case "as_optional_tensors" -> elements;
                    case "as_sym_ints" ->
                        elements.stream()
                                .map(element -> element.getOrDefault("as_sym_int", element))
                                .toList();
                    default ->
                        elements.stream()
                                .map(element -> element.values().iterator().next())
                                .toList();
                });
    }

    private static Map<String, Object> argument(
            Parameter parameter,
            @Nullable Object value,
            Map<String, String> placeholders,
            Map<Long, String> sizes,
            String type) {
        if (value == null) return Map.of("as_none", true);
        if (value instanceof Ref ref) return tensor(ref.name());
        if (value instanceof State state) return tensor(Objects.requireNonNull(placeholders.get(state.name())));
        if (value instanceof Size size)
            return Map.of("as_sym_int", Map.of("as_name", Objects.requireNonNull(sizes.get(size.times()))));
        if (value instanceof Boolean) return Map.of("as_bool", value);
        if (value instanceof Long) return Map.of(type.equals("float") ? "as_float" : "as_int", value);
        if (value instanceof Double) return Map.of("as_float", value);
        if (value instanceof String) return Map.of("as_string", value);
        if (value instanceof ScalarType scalarType)
            return Map.of("as_scalar_type", ExportedArchive.TYPES.indexOf(scalarType));
        throw new IllegalArgumentException(
                parameter.name() + " is a " + value.getClass().getSimpleName() + ", " + value);
    }

    private static Map<String, Object> tensor(String name) {
        return Map.of("as_tensor", Map.of("name", name));
    }

    // Types and shapes

    private Map<String, Object> meta(String weight) {
        Tensor tensor = Objects.requireNonNull(program.state().get(weight));
        List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
        int type = ExportedArchive.TYPES.indexOf(tensor.scalar_type().intern());
        return meta(type, shape, program.parameters().containsKey(weight));
    }

    private static Map<String, Object> meta(Symbol symbol) {
        return meta(ExportedArchive.TYPES.indexOf(symbol.type()), symbol.shape(), false);
    }

    /** Returns a size, which is a multiple of the number of examples where it is negative. */
    private static Map<String, Object> size(long size) {
        if (size >= 0) return Map.of("as_int", size);
        String expression = size == MethodGraph.BATCH ? BATCH : "Mul(Integer(" + -size + "), " + BATCH + ")";
        return Map.of("as_expr", fields("expr_str", expression, "hint", Map.of("as_int", -2 * size)));
    }

    private static Map<String, Object> meta(int type, List<Long> shape, boolean requiresGrad) {
        List<Object> sizes = new ArrayList<>();
        List<Object> strides = new ArrayList<>();
        long stride = 1;
        for (int d = shape.size() - 1; d >= 0; d--) {
            sizes.add(0, size(shape.get(d)));
            strides.add(0, Map.of("as_int", stride));
            if (shape.get(d) >= 0) stride *= Math.max(1, shape.get(d));
        }
        return fields(
                "dtype", type,
                "sizes", sizes,
                "requires_grad", requiresGrad,
                "device", fields("type", "cpu", "index", null),
                "strides", strides,
                "storage_offset", Map.of("as_int", 0),
                "layout", 7);
    }

    /** Returns an object of JSON: names and values in turn, in this order. */
    private static Map<String, Object> fields(@Nullable Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2)
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return fields;
    }
}
