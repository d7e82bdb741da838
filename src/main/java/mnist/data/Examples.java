package mnist.data;

import org.bytedeco.pytorch.Tensor;

/** A set of inputs and targets to train on or to test with. */
public interface Examples {
    long size();

    /** Builds the batch of the examples at these indices: a tensor of longs on the set's device. */
    Batch batch(Tensor indices);
}
