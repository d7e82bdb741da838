package libtorch.nn;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.nn.MethodGraph.Node;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network as it is saved: its methods as graphs, and its weights, all on the CPU.
 *
 * @param name of the network's class
 * @param parameters float32, by name and in order
 * @param buffers float32, integers or bool, by name and in order
 */
public record SavedNetwork(
        String name, List<MethodGraph> methods, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
    /** Copies weights to the CPU, floating-point ones as float32; in the open scope. */
    static SavedNetwork of(
            String name, List<MethodGraph> methods, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
        Set<String> used = new HashSet<>();
        for (MethodGraph method : methods)
            for (Node node : method.nodes()) node.weights().forEach(weight -> used.add(weight.name()));
        buffers.keySet().removeIf(buffer -> !Network.isPersistent(buffer) && !used.contains(buffer));
        return new SavedNetwork(name, methods, copies(parameters), copies(buffers));
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> tensors) {
        Map<String, Tensor> copies = new LinkedHashMap<>(tensors);
        copies.replaceAll((name, tensor) -> {
            ScalarType type = tensor.is_floating_point()
                    ? ScalarType.Float
                    : tensor.scalar_type().intern();
            return tensor.detach().to(new Device("cpu"), type).clone();
        });
        return copies;
    }

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
