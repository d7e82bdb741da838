package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.ProgramFile.Stored;
import libtorch.nn.AtenOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Saves a program that was opened: its archive, with new weights and the flags of eval mode. */
final class ProgramWriter {
    private static final Gson GSON = new GsonBuilder()
            .serializeNulls()
            .serializeSpecialFloatingPointValues()
            .disableHtmlEscaping()
            .create();

    private ProgramWriter() {}

    /**
     * Writes the archive, and reads it back to verify it.
     *
     * @param texts to store in the file, by name
     */
    static void write(Path path, ProgramFile file, Map<String, String> texts) {
        Map<String, Stored> stored = file.stored();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            if (!file.isUnchanged())
                throw new LibTorchException(
                        file.path() + " has changed since the program was opened from it",
                        "keep the file until the program is saved");
            String root = path.getFileName().toString().replaceFirst("\\.pt2$", "");
            AtomicFile.write(path, temporary -> {
                try (ExportedArchive archive = new ExportedArchive(file.path());
                        StoredZip zip = new StoredZip(temporary, root)) {
                    copy(archive, zip, stored, texts);
                }
                verify(temporary, stored);
            });
            file.saved(path);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file.path(), "keep the file until the program is saved", e);
        }
    }

    private static void copy(
            ExportedArchive archive, StoredZip zip, Map<String, Stored> stored, Map<String, String> texts)
            throws IOException {
        Map<String, List<Stored>> weights = new LinkedHashMap<>(); // by the entries that they are in
        stored.values().stream()
                .filter(tensor -> !tensor.kind().equals("constant"))
                .forEach(tensor -> weights.computeIfAbsent(tensor.path(), p -> new ArrayList<>())
                        .add(tensor));
        for (String name : archive.names("", "")) {
            boolean graph = name.startsWith(ProgramFile.GRAPHS) && name.endsWith(ProgramFile.JSON);
            boolean replaced =
                    name.startsWith(ProgramFile.EXTRA) && texts.containsKey(name.substring(ProgramFile.EXTRA.length()));
            if (replaced) continue;
            if (weights.containsKey(name)) zip.add(name, bytes(archive, name, weights.get(name)));
            else if (graph) zip.add(name, inEvalMode(archive.text(name)));
            else zip.add(name, archive.content(name));
        }
        for (Map.Entry<String, String> text : texts.entrySet()) {
            zip.add(ProgramFile.EXTRA + text.getKey(), text.getValue());
        }
    }

    /** Returns an entry's bytes with the new values of its tensors. */
    private static byte[] bytes(ExportedArchive archive, String path, List<Stored> tensors) throws IOException {
        Tensor bytes = Tensors.of(archive.content(path), archive.size(path));
        for (Stored stored : tensors) {
            Json meta = stored.entry().get("tensor_meta");
            ScalarType type = ExportedArchive.type(meta.get("dtype"));
            bytes.view(type)
                    .as_strided(
                            ExportedArchive.numbers(meta.get("sizes")),
                            ExportedArchive.numbers(meta.get("strides")),
                            new LongOptional(ExportedArchive.number(meta.get("storage_offset"))))
                    .copy_(stored.tensor().detach());
        }
        return Tensors.bytes(bytes);
    }

    private static void verify(Path written, Map<String, Stored> stored) throws IOException {
        try (ExportedArchive archive = new ExportedArchive(written)) {
            for (Map.Entry<String, Stored> named : stored.entrySet()) {
                Stored tensor = named.getValue();
                Tensor read = archive.tensor(tensor.path(), tensor.entry().get("tensor_meta"), new Device("cpu"));
                if (!Weights.sameBits(tensor.tensor(), read))
                    throw new IllegalStateException(named.getKey() + " is not in the file as it was written");
            }
        }
    }

    /** Returns a program's JSON text with the flags of eval mode, and without counting batches. */
    private static String inEvalMode(String text) {
        JsonObject program = JsonParser.parseString(text).getAsJsonObject();
        JsonObject module = program.getAsJsonObject("graph_module");
        JsonObject graph = module.getAsJsonObject("graph");
        JsonObject signature = module.getAsJsonObject("signature");
        evaluate(graph);
        removeCounts(graph, counts(signature));
        removeCountedOutputs(graph, signature);
        return GSON.toJson(program);
    }

    private static List<JsonObject> objects(JsonObject parent, String array) {
        return parent.getAsJsonArray(array).asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static void evaluate(JsonObject graph) {
        for (JsonObject node : objects(graph, "nodes")) {
            List<JsonObject> inputs = objects(node, "inputs");
            String target = node.get("target").getAsString();
            boolean statistics = inputs.stream()
                    .anyMatch(input -> name(input).equals("running_mean")
                            && !input.getAsJsonObject("arg").has("as_none"));
            for (JsonObject input : inputs) {
                JsonObject value = input.getAsJsonObject("arg");
                if (value.has("as_graph"))
                    evaluate(value.getAsJsonObject("as_graph").getAsJsonObject("graph"));
                else if (value.has("as_bool") && ProgramModes.isFlag(target, name(input), statistics))
                    value.addProperty("as_bool", false);
                else if (value.has("as_float") && ProgramModes.isProbability(name(input)))
                    value.addProperty("as_float", 0.0);
            }
            String mean = ProgramModes.MASKS.get(target.replace(AtenOperator.PREFIX, ""));
            if (mean != null) {
                node.addProperty("target", AtenOperator.PREFIX + mean);
                node.add("inputs", ofMean(inputs));
            }
        }
    }

    /** Returns the arguments that fill a tensor with a mask's mean; a probability of 0.5 may be left out. */
    private static JsonArray ofMean(List<JsonObject> ofMask) {
        JsonObject value = JsonParser.parseString("{\"name\": \"value\", \"arg\": {\"as_float\": 0.5}, \"kind\": 1}")
                .getAsJsonObject();
        JsonArray inputs = new JsonArray();
        for (JsonObject input : ofMask) {
            if (name(input).equals("self")) inputs.add(input);
            if (name(input).equals("p")) value.add("arg", input.get("arg"));
        }
        inputs.add(value);
        return inputs;
    }

    private static String name(JsonObject argument) {
        return argument.get("name").getAsString();
    }

    /** Returns the placeholders of num_batches_tracked. */
    private static Set<String> counts(JsonObject signature) {
        Set<String> counts = new HashSet<>();
        for (JsonObject spec : objects(signature, "input_specs"))
            if (isCount(spec.getAsJsonObject("buffer")))
                counts.add(name(spec.getAsJsonObject("buffer").getAsJsonObject("arg")));
        return counts;
    }

    private static boolean isCount(@Nullable JsonObject buffer) {
        return buffer != null && buffer.get("buffer_name").getAsString().endsWith(ProgramModes.COUNT);
    }

    /** Removes the nodes that count batches, if nothing uses their results. */
    private static void removeCounts(JsonObject graph, Set<String> counts) {
        List<JsonObject> nodes = objects(graph, "nodes");
        JsonArray kept = new JsonArray();
        for (JsonObject node : nodes) {
            boolean counting = node.get("target").getAsString().equals("torch.ops.aten.add_.Tensor")
                    && counts.stream().anyMatch(count -> uses(node.get("inputs"), count));
            String result = counting ? node.getAsJsonArray("outputs").get(0).toString() : "";
            if (!counting || usedOutside(graph, nodes, node, result)) kept.add(node);
        }
        graph.add("nodes", kept);
    }

    private static boolean uses(JsonElement inputs, String name) {
        return inputs.toString().contains("{\"name\":\"" + name + "\"}");
    }

    private static boolean usedOutside(JsonObject graph, List<JsonObject> nodes, JsonObject of, String result) {
        String name = result.replaceFirst("^.*\"name\":\"([^\"]*)\".*$", "$1");
        return uses(graph.get("outputs"), name)
                || nodes.stream().anyMatch(node -> !node.equals(of) && uses(node.get("inputs"), name));
    }

    /** Removes the outputs that are new values of num_batches_tracked. */
    private static void removeCountedOutputs(JsonObject graph, JsonObject signature) {
        JsonArray specs = signature.getAsJsonArray("output_specs");
        JsonArray outputs = graph.getAsJsonArray("outputs");
        if (specs.size() != outputs.size()) return;
        for (int i = specs.size() - 1; i >= 0; i--) {
            if (!isCount(specs.get(i).getAsJsonObject().getAsJsonObject("buffer_mutation"))) continue;
            specs.remove(i);
            outputs.remove(i);
        }
    }
}
