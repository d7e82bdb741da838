package libtorch.nn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import libtorch.LibTorchException;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A row of a network's summary: an operator call of its forward method.
 *
 * @param layer name of the layer; empty if the operator has no weights
 * @param shape of the output, as "N×4×14×14"
 * @param parameters number of trained parameters; 0 if they were counted in an earlier row
 * @param multiplyAdds multiply-adds, for one example, of convolutions, matrix products, attention and recurrent layers;
 *     0 for other operators, which have few
 */
public record LayerSummary(String layer, String operator, String shape, long parameters, long multiplyAdds) {
    /**
     * Traces a network's forward method into rows.
     *
     * @param shape of one input, without the number of examples
     * @throws LibTorchException if the network cannot be traced
     */
    public static List<LayerSummary> of(Network network, long... shape) {
        return of(network, Tracer.trace(network, shape).get(0));
    }

    /**
     * Traces a network's forward method into rows, for inputs of another type than its weights.
     *
     * @param example an input, of which only the type and all sizes but the first are used
     * @throws LibTorchException if the network cannot be traced
     */
    public static List<LayerSummary> of(Network network, Tensor example) {
        return of(network, Tracer.trace(network, example).get(0));
    }

    private static List<LayerSummary> of(Network network, MethodGraph forward) {
        Map<Object, List<Long>> shapes = new HashMap<>(); // of arguments, for one example
        Map<String, Long> parameters = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            network.state().forEach((name, tensor) -> {
                shapes.put(new State(name), Symbol.of(name, tensor).shape());
                if (tensor.requires_grad()) parameters.put(name, tensor.numel());
            });
        }
        forward.inputs().forEach(input -> shapes.put(new Ref(input.name()), ofOneExample(input)));
        List<LayerSummary> rows = new ArrayList<>();
        for (Node node : forward.nodes()) {
            node.results().forEach(result -> shapes.put(new Ref(result.name()), ofOneExample(result)));
            String layer = "";
            long count = 0;
            for (State weight : node.weights()) {
                layer = weight.layer();
                Long numel = parameters.remove(weight.name());
                if (numel != null) count += numel;
            }
            String shape = node.result().shape().stream()
                    .map(size -> size == MethodGraph.BATCH ? "N" : size < 0 ? -size + "N" : size.toString())
                    .collect(Collectors.joining("×"));
            rows.add(new LayerSummary(layer, node.function(), shape, count, multiplyAdds(node, shapes)));
        }
        return rows;
    }

    private static List<Long> ofOneExample(Symbol symbol) {
        return symbol.shape().stream().map(Math::abs).toList();
    }

    private static long multiplyAdds(Node node, Map<Object, List<Long>> shapes) {
        long outputs = numel(ofOneExample(node.result()));
        return switch (node.function()) {
            case "conv1d", "conv2d", "conv3d" -> outputs * numelPerChannel(shape(node, "weight", shapes));
            case "conv_transpose1d", "conv_transpose2d", "conv_transpose3d" ->
                numel(shape(node, "input", shapes)) * numelPerChannel(shape(node, "weight", shapes));
            case "linear" -> outputs * last(shape(node, "weight", shapes));
            case "matmul", "mm", "bmm" -> outputs * last(shape(node, "self", shapes));
            case "scaled_dot_product_attention" -> {
                List<Long> keys = shape(node, "key", shapes);
                yield (numel(shape(node, "query", shapes)) + outputs) * keys.get(keys.size() - 2);
            }
            case "lstm", "gru" -> {
                List<Long> input = shape(node, "input", shapes);
                long matrices = node.weights().stream()
                        .map(weight -> Objects.requireNonNull(shapes.get(weight)))
                        .filter(shape -> shape.size() == 2)
                        .mapToLong(LayerSummary::numel)
                        .sum();
                yield numel(input) / last(input) * matrices; // for each of N·T steps
            }
            default -> 0;
        };
    }

    private static List<Long> shape(Node node, String argument, Map<Object, List<Long>> shapes) {
        return Objects.requireNonNull(
                shapes.get(Objects.requireNonNull(node.arguments().get(argument))));
    }

    private static long numel(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Returns the number of weights per channel, the first dimension. */
    private static long numelPerChannel(List<Long> weight) {
        return numel(weight.subList(1, weight.size()));
    }

    private static long last(List<Long> shape) {
        return shape.get(shape.size() - 1);
    }
}
