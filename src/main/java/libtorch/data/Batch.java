package libtorch.data;

import org.bytedeco.pytorch.Tensor;

/**
 * A batch of examples, N×….
 *
 * @param inputs of the network
 * @param targets that the loss compares the outputs with
 */
public record Batch(Tensor inputs, Tensor targets) {
    /** Returns {@code n} consecutive examples, counted from 0. */
    public Batch narrow(long from, long n) {
        return new Batch(inputs.narrow(0, from, n), targets.narrow(0, from, n));
    }
}
