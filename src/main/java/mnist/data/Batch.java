package mnist.data;

import org.bytedeco.pytorch.Tensor;

/**
 * Some examples a network is shown at once.
 *
 * @param inputs images, N×1×28×28 in 0..1 (or beyond, where noise was added)
 * @param targets what the network should answer: N labels, or N×1×28×28 images
 */
public record Batch(Tensor inputs, Tensor targets) {
    /** Returns some consecutive examples of these. */
    public Batch narrow(long from, long n) {
        return new Batch(inputs.narrow(0, from, n), targets.narrow(0, from, n));
    }
}
