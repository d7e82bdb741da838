package mnist.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a file holds of a network: its methods as graphs, and its weights, all on the CPU.
 *
 * @param name of the network's class
 * @param parameters float32, by name and in order
 * @param buffers float32 or int64, by name and in order
 */
public record Program(String name, List<Graph> methods, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
    /** Returns parameters and buffers together: what Python calls a state_dict. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>(parameters);
        state.putAll(buffers);
        return state;
    }
}
