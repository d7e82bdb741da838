package libtorch.export;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes a program as ONNX: the forward method and, as a second output, the embedding of the encode method where there
 * is one that takes the same inputs. Java has no small library that runs ONNX, so a written file is not verified as
 * others are; the tests let onnxruntime run it.
 */
final class Onnx {
    private static final int OPSET = 17;
    private static final int IR_VERSION = 8; // the one that came with this opset, in 2022

    private final SavedNetwork program;
    private final OnnxGraph graph;

    private Onnx(SavedNetwork program) {
        this.program = program;
        graph = new OnnxGraph(program);
    }

    /**
     * Saves a program.
     *
     * @param texts that travel in the file, by name
     * @throws LibTorchException where an operator has no counterpart
     */
    static void save(Path file, SavedNetwork program, Map<String, String> texts) {
        byte[] model = model(program, texts);
        AtomicFile.write(file, temporary -> Files.write(temporary, model));
    }

    /**
     * Makes sure that a program can be saved.
     *
     * @throws LibTorchException where an operator has no counterpart
     */
    static void check(SavedNetwork program) {
        model(program, Map.of());
    }

    private static byte[] model(SavedNetwork program, Map<String, String> texts) {
        try (PointerScope scope = new PointerScope()) {
            return new Onnx(program).model(texts);
        }
    }

    private byte[] model(Map<String, String> texts) {
        MethodGraph forward = method("forward").orElseThrow();
        List<String> inputs = new ArrayList<>();
        for (Symbol input : forward.inputs()) {
            boolean images = forward.inputs().size() == 1 && input.type() == ScalarType.Float;
            inputs.add(graph.input(images ? "images" : input.name(), input));
        }
        addOutputs(forward, inputs, "output");
        method("encode")
                .filter(encode -> kinds(encode).equals(kinds(forward)))
                .ifPresent(encode -> addOutputs(encode, inputs, "embedding"));
        Protobuf model = new Protobuf()
                .add(1, IR_VERSION)
                .add(2, "mnist-libtorch")
                .add(3, Versions.current().project())
                .add(7, graph.message())
                .add(8, new Protobuf().add(2, OPSET));
        new TreeMap<>(texts)
                .forEach((name, text) ->
                        model.add(14, new Protobuf().add(1, name).add(2, text)));
        return model.bytes();
    }

    private Optional<MethodGraph> method(String name) {
        return program.methods().stream()
                .filter(graph -> graph.method().equals(name))
                .findFirst();
    }

    /** Returns the types and shapes of the inputs. */
    private static List<Symbol> kinds(MethodGraph graph) {
        return graph.inputs().stream()
                .map(input -> new Symbol("", input.type(), input.shape()))
                .toList();
    }

    /** Adds a method's nodes, but for those that are there already, and its results as outputs. */
    private void addOutputs(MethodGraph method, List<String> inputs, String name) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++)
            values.put(method.inputs().get(i).name(), inputs.get(i));
        String examples = values.getOrDefault(method.batchInput().name(), "");
        for (Node node : method.nodes()) {
            List<String> results = OnnxOperators.add(new OnnxCall(program.name(), graph, node, values, examples));
            for (int i = 0; i < results.size(); i++) {
                Symbol symbol = node.results().get(i);
                graph.know(results.get(i), symbol);
                values.put(symbol.name(), results.get(i));
            }
        }
        for (int i = 0; i < method.outputs().size(); i++) {
            String result = Objects.requireNonNull(values.get(method.outputs().get(i)));
            graph.output(i == 0 ? name : graph.unique(name), result);
        }
    }
}
