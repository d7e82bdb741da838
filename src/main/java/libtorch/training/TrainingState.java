package libtorch.training;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How far training has come.
 *
 * @param epochs those that are done
 * @param losses the losses of the steps of the epoch under way, and zeros; null between epochs
 * @param steps how many of its steps are done
 * @param seconds time they took
 */
public record TrainingState(
        List<EpochMetrics> epochs, @Nullable Tensor losses, int steps, double seconds) {
    /** Where training begins. */
    public static final TrainingState START = between(List.of());

    public static TrainingState between(List<EpochMetrics> epochs) {
        return new TrainingState(List.copyOf(epochs), null, 0, 0);
    }

    /** Returns the state after some more steps of the epoch, the first of which began at that time of the clock. */
    TrainingState after(int steps, Tensor losses, long nanoTime) {
        return new TrainingState(epochs, losses, steps, seconds + (System.nanoTime() - nanoTime) / 1e9);
    }

    /** Returns whether some steps of an epoch are done, and not yet the epoch. */
    public boolean inEpoch() {
        return steps > 0;
    }

    /** Returns the state as messages name it. */
    @Override
    public String toString() {
        return inEpoch() ? "step " + steps + " of epoch " + (epochs.size() + 1) : "epoch " + epochs.size();
    }
}
