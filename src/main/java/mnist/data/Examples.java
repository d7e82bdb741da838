package mnist.data;

import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A set of inputs and targets to train on or to test with. */
public interface Examples {
    long size();

    /** Builds the batch of the examples at these indices: a tensor of longs on the set's device. */
    Batch batch(Tensor indices);

    /** Returns some consecutive examples of these, counted from 0. */
    default Examples narrow(long from, long n) {
        return of(n, indices -> batch(indices.add(new Scalar(from))));
    }

    /** Makes a set of inputs, N×…, and as many targets. */
    static Examples of(Tensor inputs, Tensor targets) {
        return of(
                inputs.size(0),
                indices -> new Batch(inputs.index_select(0, indices), targets.index_select(0, indices)));
    }

    /** Makes a set of examples from a function that builds their batches. */
    static Examples of(long size, Function<Tensor, Batch> batches) {
        return new Examples() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public Batch batch(Tensor indices) {
                return batches.apply(indices);
            }
        };
    }
}
