package libtorch.data;

import org.bytedeco.pytorch.Tensor;

/**
 * Some examples that a network computes at once, the first dimension counting them.
 *
 * @param inputs of the network
 * @param targets what the loss compares its outputs with
 */
public record Batch(Tensor inputs, Tensor targets) {
    /** Returns some consecutive examples of these. */
    public Batch narrow(long from, long n) {
        return new Batch(inputs.narrow(0, from, n), targets.narrow(0, from, n));
    }
}
