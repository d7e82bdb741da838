package mnist.data;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** A set of inputs and targets to train on or to test with. */
public interface Examples {
    long size();

    /** Builds the batch of the examples at these indices: a tensor of longs on the set's device. */
    Batch batch(Tensor indices);

    /** Returns some consecutive examples of these, counted from 0. */
    default Examples narrow(long from, long n) {
        Examples all = this;
        return new Examples() {
            @Override
            public long size() {
                return n;
            }

            @Override
            public Batch batch(Tensor indices) {
                return all.batch(indices.add(new Scalar(from)));
            }
        };
    }
}
