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
 * Copies of fully connected layers' weights in oneDNN's memory layout, for {@link OneDnnLinear}. Otherwise oneDNN
 * reorders the weights in each call, which may take longer than the product. A weight is copied once, when it is used
 * for the second time, so the program's own must never change. The copies live in the scope that was open when this was
 * made; threads may share them.
 */
final class ReorderedWeights {
    /** Reorders no weights. */
    static final ReorderedWeights NONE = new ReorderedWeights(List.of());

    /** Below this number of input rows, oneDNN does not reorder weights. */
    private static final long ROWS = 16;

    private final Map<Long, Integer> positions = new HashMap<>(); // of the program's weights, by their addresses
    private final Set<Integer> used = new HashSet<>();
    private final TensorVector copies; // undefined tensors if there are none

    /** Reorders these weights, which must not change; others, as those that a program computes, are not reordered. */
    ReorderedWeights(Collection<Tensor> weights) {
        for (Tensor weight : weights) positions.put(identity(weight), positions.size());
        copies = new TensorVector(positions.size());
    }

    private static long identity(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /** Returns a weight, or its reordered copy if the input has enough rows; in the open scope. */
    synchronized Tensor of(Tensor weight, long rows) {
        Integer position = rows < ROWS ? null : positions.get(identity(weight));
        if (position == null || used.add(position)) return weight;
        if (!copies.get(position).defined()) copies.put(position, OneDnnLinear.reordered(weight, rows));
        return new Tensor(copies.get(position));
    }
}
