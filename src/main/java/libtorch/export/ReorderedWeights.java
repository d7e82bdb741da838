package libtorch.export;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Weights of fully connected layers in the order in memory that {@link OneDnnLinear} multiplies by. With weights as
 * they are, oneDNN copies them into that order in each call, which may take longer than the product. They are copied
 * once, when they are used for the second time, and kept beside the program's own: so these must never change. It lives
 * in the scope that was open when it was made; threads may share it.
 */
final class ReorderedWeights {
    /** Leaves all weights as they are. */
    static final ReorderedWeights NONE = new ReorderedWeights(List.of());

    /** Below as many rows of the input, oneDNN multiplies by weights as they are. */
    private static final long ROWS = 16;

    private final Map<Long, Integer> positions = new HashMap<>(); // of the program's weights, by their addresses
    private final Set<Integer> used = new HashSet<>();
    private final TensorVector copies; // undefined tensors where there are none

    /** Makes it for weights that do not change; others, as those that a program computes, are left as they are. */
    ReorderedWeights(Collection<Tensor> weights) {
        for (Tensor weight : weights) positions.put(identity(weight), positions.size());
        copies = new TensorVector(positions.size());
    }

    private static long identity(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /** Returns a weight, or its copy where that suits an input of as many rows; in the open scope. */
    synchronized Tensor of(Tensor weight, long rows) {
        Integer position = rows < ROWS ? null : positions.get(identity(weight));
        if (position == null || used.add(position)) return weight;
        if (!copies.get(position).defined()) copies.put(position, OneDnnLinear.reordered(weight, rows));
        return new Tensor(copies.get(position));
    }
}
