package libtorch.export;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a program's fully connected layers in the order in memory that {@link OneDnnLinear} multiplies by. With
 * weights as they are, oneDNN copies them into that order in each call, which may take longer than the product. They
 * are copied once when the same weights are used a second time, and kept, beside the program's own, until these change,
 * the program is called in training mode, or is freed. It lives in the scope that was open when it was made; threads
 * may share it.
 */
final class ReorderedWeights {
    /** Below as many rows of the input, oneDNN multiplies by weights as they are. */
    private static final long ROWS = 16;

    /** The state of a weight when it was used: how often operators have changed it, and its place in memory. */
    private record Use(long version, long memory) {}

    private final Map<Long, Integer> positions = new HashMap<>(); // of the program's weights, by their addresses
    private final @Nullable Use[] last;
    private final TensorVector copies; // undefined tensors where there are none

    /** Makes it for weights; others, as those that a program computes, are left as they are. */
    ReorderedWeights(Collection<Tensor> weights) {
        for (Tensor weight : weights) positions.put(identity(weight), positions.size());
        last = new Use[positions.size()];
        copies = new TensorVector(positions.size());
    }

    private static long identity(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /** Returns a weight, or its copy where that suits an input of as many rows; in the open scope. */
    synchronized Tensor of(Tensor weight, long rows) {
        Integer position = rows < ROWS ? null : positions.get(identity(weight));
        if (position == null) return weight;
        Use use = new Use(weight._version(), weight.data_ptr().address());
        if (!use.equals(last[position])) {
            last[position] = use;
            copies.put(position, new Tensor());
            return weight;
        }
        if (!copies.get(position).defined()) copies.put(position, OneDnnLinear.reordered(weight, rows));
        return new Tensor(copies.get(position));
    }

    /** Frees the copies, for weights that are about to change. */
    synchronized void clear() {
        for (int i = 0; i < last.length; i++) {
            if (last[i] == null) continue;
            last[i] = null;
            copies.put(i, new Tensor());
        }
    }
}
