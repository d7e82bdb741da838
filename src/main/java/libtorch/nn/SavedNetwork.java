package libtorch.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A network as it is saved: its methods as graphs, and its weights, all on the CPU.
 *
 * @param name of the network's class
 * @param parameters by name and in order
 * @param buffers by name and in order
 */
public record SavedNetwork(
        String name, List<MethodGraph> methods, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
    /** Returns the state_dict: parameters and buffers, layer by layer, in Python's order. */
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
