package libtorch.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a file holds of a network: its methods as graphs, and its weights, all on the CPU.
 *
 * @param name of the network's class
 * @param parameters float32, by name and in order
 * @param buffers float32, integers or bool, by name and in order
 */
public record SavedNetwork(
        String name, List<MethodGraph> methods, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
    /** Returns parameters and buffers together, layer by layer: what Python calls a state_dict, in its order. */
    public Map<String, Tensor> state() {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        for (Map<String, Tensor> tensors : List.of(parameters, buffers)) {
            tensors.forEach((name, tensor) -> layers.computeIfAbsent(
                            new MethodGraph.State(name).layer(), layer -> new LinkedHashMap<>())
                    .put(name, tensor));
        }
        Map<String, Tensor> state = new LinkedHashMap<>();
        layers.values().forEach(state::putAll);
        return state;
    }
}
