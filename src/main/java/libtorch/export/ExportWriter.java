package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
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
import java.util.stream.Collectors;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes .pt2 files, the archives of {@code torch.export}: graphs of ATen operators with their weights, which
 * {@link Program} and Python's {@code torch.export.load} open.
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/v2.10.0/torch/_export/serde/schema.yaml">the graphs' format</a>
 */
final class ExportWriter {
    /** What {@code torch.export} calls the program that is a network's forward method. */
    static final String MAIN = "model";

    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    /** The free number of examples, as torch.export writes sizes that are not fixed. */
    private static final String BATCH = "Symbol('s77', positive=True, integer=True)";

    /** What torch.export writes of a program, with gaps for its parts. */
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

    private static final String LEAF = tree("null", "null");

    private final SavedNetwork program;

    ExportWriter(SavedNetwork program) {
        this.program = program;
    }

    /**
     * Makes sure that a program can be saved, without writing a file.
     *
     * @throws LibTorchException where a graph has an operator or an argument that the format does not take
     */
    static void check(SavedNetwork program) {
        ExportWriter writer = new ExportWriter(program);
        for (MethodGraph graph : program.methods()) writer.exported(graph, writer.used(graph));
    }

    /**
     * Saves a program, having verified the written file.
     *
     * @param texts that travel in the file, by name
     * @throws LibTorchException where a graph has an operator or an argument that the format does not take
     * @throws IllegalStateException where the file does not answer what it should; the old file then stays
     */
    static void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification) {
        String folder = file.getFileName().toString().replaceFirst("\\.pt2$", "");
        AtomicFile.write(file, temporary -> {
            new ExportWriter(program).write(temporary, folder, texts);
            verification.verify(Program.open(temporary), program, false);
        });
    }

    /** @param folder name of the one folder in the archive */
    void write(Path file, String folder, Map<String, String> texts) throws IOException {
        List<String> names = List.copyOf(program.state().keySet());
        try (StoredZip zip = new StoredZip(file, folder)) {
            int number = 0;
            for (Tensor tensor : program.state().values()) {
                zip.add("data/weights/weight_" + number++, Weights.bytes(tensor));
            }
            for (MethodGraph graph : program.methods()) {
                String name = graph.method().equals("forward") ? MAIN : graph.method();
                Set<String> used = used(graph);
                Map<String, Object> weights = new LinkedHashMap<>();
                for (String weight : used) weights.put(weight, payload(weight, "weight_" + names.indexOf(weight)));
                zip.add("data/weights/" + name + "_weights_config.json", json(Map.of("config", weights)));
                zip.add("data/constants/" + name + "_constants_config.json", json(Map.of("config", Map.of())));
                zip.add("models/" + name + ".json", exported(graph, used));
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
        Set<State> here =
                graph.nodes().stream().flatMap(node -> node.weights().stream()).collect(Collectors.toSet());
        if (!graph.method().equals("forward")) used.removeIf(name -> !here.contains(new State(name)));
        return used;
    }

    private Map<String, Object> payload(String weight, String path) {
        return fields(
                "path_name", path, "is_param", isParameter(weight), "use_pickle", false, "tensor_meta", meta(weight));
    }

    private boolean isParameter(String weight) {
        return program.parameters().containsKey(weight);
    }

    // Graphs

    private String exported(MethodGraph graph, Set<String> used) {
        Set<String> taken = new LinkedHashSet<>();
        graph.inputs().forEach(input -> taken.add(input.name()));
        graph.nodes().forEach(node -> node.results().forEach(result -> taken.add(result.name())));
        Map<String, String> placeholders = new LinkedHashMap<>(); // names of weights in the graph
        for (String weight : used) {
            String name = (isParameter(weight) ? "p_" : "b_") + weight.replace('.', '_');
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
            values.put(input.name(), meta(input, false));
        }
        ExportNodes nodes = new ExportNodes(graph, placeholders, taken);
        for (Node node : graph.nodes()) {
            addNode(nodes, node);
            node.results().forEach(result -> values.put(result.name(), meta(result, false)));
        }
        Map<String, Object> sizeValues = new LinkedHashMap<>();
        nodes.sizes().forEach((times, name) -> sizeValues.put(name, size(-times)));
        List<Map<String, Object>> outputs =
                graph.outputs().stream().map(ExportWriter::tensor).toList();
        List<Object> outputSpecs = new ArrayList<>();
        for (Object output : outputs) outputSpecs.add(Map.of("user_output", Map.of("arg", output)));
        // Python calls it with positional arguments, for a tensor or a tuple of tensors
        String call = tuple(List.of(leaves(graph.inputs().size()), tree("\"builtins.dict\"", "\"[]\"")));
        String results = outputs.size() == 1 ? LEAF : leaves(outputs.size());
        String exported = PROGRAM.formatted(
                json(inputs),
                json(outputs),
                json(nodes.nodes()),
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

    /** Describes how a value is composed, as Python's pytree does. */
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

    private void addNode(ExportNodes nodes, Node node) {
        try {
            nodes.add(node);
        } catch (IllegalArgumentException e) {
            throw new LibTorchException(
                    program.name() + " cannot be saved as .pt2: in "
                            + nodes.graph().method() + ", " + e.getMessage(),
                    "compute it with other operators, or save the other formats",
                    e);
        }
    }

    private Map<String, Object> inputSpec(String weight, String name) {
        Map<String, Object> argument = Map.of("name", name);
        return isParameter(weight)
                ? Map.of("parameter", fields("arg", argument, "parameter_name", weight))
                : Map.of("buffer", fields("arg", argument, "buffer_name", weight, "persistent", true));
    }

    static Map<String, Object> tensor(String name) {
        return Map.of("as_tensor", Map.of("name", name));
    }

    // Types and shapes

    private Map<String, Object> meta(String weight) {
        Tensor tensor = Objects.requireNonNull(program.state().get(weight));
        return meta(Symbol.of(weight, tensor), isParameter(weight));
    }

    /** Returns a size, which is a multiple of the number of examples where it is negative. */
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
        return fields(
                "dtype",
                ExportedArchive.TYPES.indexOf(symbol.type()),
                "sizes",
                sizes,
                "requires_grad",
                requiresGrad,
                "device",
                fields("type", "cpu", "index", null),
                "strides",
                strides,
                "storage_offset",
                Map.of("as_int", 0),
                "layout",
                7);
    }

    /** Returns an object of JSON: names and values in turn, in this order. */
    static Map<String, Object> fields(@Nullable Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2)
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return fields;
    }
}
