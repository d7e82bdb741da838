package libtorch.data;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import libtorch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A set of inputs and targets to train on or to test with. */
public interface Examples {
    long size();

    /**
     * Builds a batch of examples.
     *
     * @param indices of the examples: a tensor of longs on the set's device
     * @param generators for random numbers, if the examples have any
     */
    Batch batch(Tensor indices, Generators generators);

    /**
     * Builds a batch as {@link #batch} does, and checks that it has an input and a target for each index.
     *
     * @throws IllegalStateException if it has not
     */
    default Batch checkedBatch(Tensor indices, Generators generators) {
        Batch batch = batch(indices, generators);
        long n = indices.size(0);
        long[] inputs = Tensors.requireOpen(batch.inputs()).shape();
        long[] targets = Tensors.requireOpen(batch.targets()).shape();
        if (inputs.length > 0 && targets.length > 0 && inputs[0] == n && targets[0] == n) return batch;
        throw new IllegalStateException(n + " examples were asked for, and the inputs are of shape "
                + Arrays.toString(inputs) + ", the targets of " + Arrays.toString(targets));
    }

    /** Returns {@code n} consecutive examples, counted from 0. */
    default Examples narrow(long from, long n) {
        Objects.checkFromIndexSize(from, n, size());
        return random(n, (indices, generators) -> batch(indices.add(new Scalar(from)), generators));
    }

    /** Makes a set of inputs, N×…, and their targets; throws an IllegalArgumentException if the numbers differ. */
    static Examples of(Tensor inputs, Tensor targets) {
        if (Tensors.requireOpen(inputs).dim() == 0
                || Tensors.requireOpen(targets).dim() == 0)
            throw new IllegalArgumentException("inputs and targets have a first dimension that counts them");
        if (inputs.size(0) != targets.size(0))
            throw new IllegalArgumentException(inputs.size(0) + " inputs and " + targets.size(0) + " targets");
        return of(
                inputs.size(0),
                indices -> new Batch(
                        Tensors.requireOpen(inputs).index_select(0, indices),
                        Tensors.requireOpen(targets).index_select(0, indices)));
    }

    /** Makes a set of examples from a function that builds their batches. */
    static Examples of(long size, Function<Tensor, Batch> batches) {
        return random(size, (indices, generators) -> batches.apply(indices));
    }

    /** Makes a set of examples from a function that draws random numbers for every batch. */
    static Examples random(long size, BiFunction<Tensor, Generators, Batch> batches) {
        return new Examples() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public Batch batch(Tensor indices, Generators generators) {
                return batches.apply(indices, generators);
            }
        };
    }
}
