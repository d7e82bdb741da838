package libtorch.export;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import libtorch.export.ArgumentReader.Source;
import libtorch.export.ModelInput.Size;
import libtorch.export.Step.Values;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.jspecify.annotations.Nullable;

/** Reads and checks a program of an archive completely, before any of it runs. */
final class GraphReader {
    private final ProgramFile file;
    private final String program;
    private final Device device;
    private final NodeReader nodes;
    private final Map<String, Json> weights;
    private final Map<String, Json> constants;
    private final Json json;
    private final Json graph;
    private final Map<String, Size> ranges = new HashMap<>(); // of dynamic sizes, by symbol
    private final Map<String, IValue> values = new HashMap<>(); // parameters, buffers and constants, by placeholder
    private final Map<String, String> buffers = new HashMap<>(); // their names in the network, by placeholder
    private final List<ModelInput> inputs = new ArrayList<>();
    private final List<Source> outputs = new ArrayList<>();
    private final List<String> outputTypes = new ArrayList<>();
    private final List<Boolean> returned = new ArrayList<>(); // for each result in Python, whether it is one here
    private final Map<String, Source> mutations = new LinkedHashMap<>(); // new values of buffers, by placeholder

    private GraphReader(ProgramFile file, String program, Device device) throws IOException {
        this.file = file;
        this.program = program;
        this.device = device;
        json = file.archive().json(ProgramFile.GRAPHS + program + ProgramFile.JSON);
        file.requireReadable(json);
        json.get("range_constraints").fields().forEach((symbol, range) -> ranges.put(symbol, range(symbol, range)));
        Json module = json.get("graph_module");
        weights = file.payload("weights", program);
        constants = file.payload("constants", program);
        graph = module.get("graph");
        nodes = new NodeReader(new ArgumentReader(new HashSet<>(), device));
        for (Json spec : module.get("signature").get("input_specs").list()) readInput(spec);
        nodes.markPlaceholders();
        nodes.read(graph.get("nodes"));
        for (Json spec : module.get("signature").get("output_specs").list()) readOutput(spec);
        for (Map.Entry<String, Json> weight : weights.entrySet()) {
            boolean parameter = weight.getValue().get("is_param").flag();
            file.get(program, "weights", weight.getKey(), weight.getValue(), parameter ? "parameter" : "buffer");
        }
    }

    /**
     * Reads a program, in the open scope.
     *
     * @param file the archive's file, to which its weights are added
     * @throws IllegalArgumentException if it is malformed or not supported
     */
    static ExportedGraph read(ProgramFile file, String program, Device device) throws IOException {
        GraphReader reader = new GraphReader(file, program, device);
        reader.countBatches();
        List<String> given = new ArrayList<>(reader.values.keySet());
        reader.inputs.forEach(input -> given.add(input.name()));
        List<Source> results = new ArrayList<>(reader.outputs);
        results.addAll(reader.mutations.values());
        Body body = new Body(given, reader.nodes.steps, results);
        return new ExportedGraph(
                body,
                reader.values,
                reader.buffers.keySet(),
                reader.nodes.mutable,
                reader.nodes.mutates,
                reader.method(),
                List.copyOf(reader.mutations.keySet()),
                new Workload(reader.graph));
    }

    private ModelMethod method() {
        Map<String, Integer> operators = new LinkedHashMap<>();
        nodes.steps.forEach(step -> operators.merge(step.target(), 1, Integer::sum));
        String name = program.equals(ExportWriter.MAIN) ? "forward" : program;
        return new ModelMethod(name, inputs, OutputNames.read(json, returned), outputTypes, operators);
    }

    private static Size range(String symbol, Json range) {
        return new Size(
                symbol,
                range.has("min_val") ? range.get("min_val").integer() : 0,
                range.has("max_val") ? range.get("max_val").integer() : Long.MAX_VALUE);
    }

    private void readInput(Json spec) throws IOException {
        Json value = spec.value();
        switch (spec.kind()) {
            case "user_input" -> inputs.add(input(value.get("arg")));
            case "parameter" -> load("weights", weights, value, "parameter");
            case "buffer" -> {
                if (value.get("persistent").flag()) load("weights", weights, value, "buffer");
                else load("constants", constants, value, "buffer");
            }
            case "tensor_constant" -> load("constants", constants, value, "tensor_constant");
            case "constant_input" -> {
                Json constant = value.get("value");
                String type = constant.kind().equals("as_string") ? "str?" : "Scalar?";
                String name = nodes.define(value.get("name"));
                values.put(name, nodes.arguments.read(type, constant).get(Values.of(Map.of(), device)));
            }
            default -> throw spec.wrong("a supported input: it is a " + spec.kind());
        }
    }

    private void load(String folder, Map<String, Json> payload, Json spec, String kind) throws IOException {
        Json name = spec.get(kind + "_name");
        Json entry = payload.get(name.text());
        if (entry == null) throw name.wrong("among the " + folder);
        String placeholder = nodes.define(spec.get("arg").get("name"));
        if (kind.equals("buffer")) buffers.put(placeholder, name.text());
        String role = folder.equals("weights") ? kind : "constant";
        values.put(placeholder, file.get(program, folder, name.text(), entry, role));
    }

    private ModelInput input(Json argument) {
        if (!argument.kind().equals("as_tensor")) return number(argument);
        String name = nodes.define(argument.get("as_tensor").get("name"));
        Json meta = graph.get("tensor_values").get(name);
        if (meta.get("layout").integer() != ExportedArchive.STRIDED)
            throw new IllegalArgumentException("its input " + name + " is a sparse tensor, which cannot be given");
        return ModelInput.of(name, ExportedArchive.type(meta.get("dtype")), sizes(meta));
    }

    private List<Size> sizes(Json meta) {
        List<Size> sizes = new ArrayList<>();
        for (Json size : meta.get("sizes").list()) {
            if (size.has("as_int")) sizes.add(Size.fixed(size.get("as_int").integer()));
            else sizes.add(Size.of(size.get("as_expr").get("expr_str").text(), ranges));
        }
        return sizes;
    }

    /** Reads an input that is a number in Python, and here a tensor without dimensions. */
    private ModelInput number(Json argument) {
        String kind = argument.kind();
        if (!kind.matches("as_(sym_)?(int|float|bool)")) throw argument.wrong("a supported input: it is a " + kind);
        String type = kind.replaceFirst("as_(sym_)?", "");
        return ModelInput.declared(nodes.define(argument.value().get("as_name")), type, false);
    }

    private void readOutput(Json spec) {
        Json value = spec.value();
        switch (spec.kind()) {
            case "user_output" -> {
                Source source = output(value.get("arg"));
                returned.add(source != null);
                if (source == null) break;
                outputs.add(source);
                outputTypes.add(outputType(value.get("arg")));
            }
            case "buffer_mutation" -> {
                String buffer = value.get("buffer_name").text();
                String placeholder = placeholder(buffer);
                if (placeholder == null) throw value.get("buffer_name").wrong("a buffer of the program");
                Json tensor = value.get("arg").get("name");
                mutations.put(placeholder, nodes.arguments.named("Tensor", tensor));
            }
            case "user_input_mutation" -> {} // the caller's tensors are not changed
            default -> throw spec.wrong("a supported output: it is a " + spec.kind());
        }
    }

    private @Nullable String placeholder(String buffer) {
        for (Map.Entry<String, String> named : buffers.entrySet()) {
            if (named.getValue().equals(buffer)) return named.getKey();
        }
        return null;
    }

    /** Reads a result; returns null for None and for strings. */
    private @Nullable Source output(Json result) {
        return switch (result.kind()) {
            case "as_none", "as_string" -> null;
            default -> nodes.arguments.read("Tensor", result);
        };
    }

    /** Returns type and sizes of a result, as "Float [s77, 10]", or the type of a number. */
    private String outputType(Json result) {
        if (!result.kind().equals("as_tensor")) return result.kind().replaceFirst("as_(sym_)?", "");
        Json meta = graph.get("tensor_values").get(result.value().get("name").text());
        String sparse = meta.get("layout").integer() == ExportedArchive.STRIDED ? "" : "sparse ";
        return sparse + ExportedArchive.type(meta.get("dtype")) + " " + sizes(meta);
    }

    /**
     * Adds steps that count the batches of batch norms in training, unless the program counts them: one that was
     * exported in eval mode does not.
     */
    private void countBatches() {
        for (String mean : nodes.trainedStatistics) {
            String buffer = buffers.getOrDefault(mean, "");
            if (!buffer.endsWith("running_mean")) continue;
            String count =
                    placeholder(buffer.substring(0, buffer.length() - "running_mean".length()) + ProgramModes.COUNT);
            if (count == null || nodes.mutable.contains(count) || mutations.containsKey(count)) continue;
            nodes.addCounter(count);
        }
    }
}
