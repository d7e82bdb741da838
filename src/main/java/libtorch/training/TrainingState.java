package libtorch.training;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a training.
 *
 * @param epochs the finished epochs
 * @param losses of the steps of the unfinished epoch, padded with zeros; null between epochs
 * @param steps number of its finished steps
 * @param seconds time they took
 */
public record TrainingState(
        List<EpochMetrics> epochs, @Nullable Tensor losses, int steps, double seconds) {
    /** The state before training. */
    public static final TrainingState START = between(List.of());

    public static TrainingState between(List<EpochMetrics> epochs) {
        return new TrainingState(List.copyOf(epochs), null, 0, 0);
    }

    /** Returns the state after {@code steps} of the epoch; {@code nanoTime} is when this run began its first one. */
    TrainingState after(int steps, Tensor losses, long nanoTime) {
        return new TrainingState(epochs, losses, steps, seconds + (System.nanoTime() - nanoTime) / 1e9);
    }

    /** Returns whether an epoch is unfinished. */
    public boolean inEpoch() {
        return steps > 0;
    }

    /** Returns the state for messages, as "step 3 of epoch 2". */
    @Override
    public String toString() {
        return inEpoch() ? "step " + steps + " of epoch " + (epochs.size() + 1) : "epoch " + epochs.size();
    }
}
