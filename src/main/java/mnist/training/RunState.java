package mnist.training;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Says how far a run has come.
 *
 * @param epochs those that are done
 * @param losses the losses of the steps of the epoch that is under way, and zeros; null between epochs
 * @param steps how many of its steps are done
 * @param seconds time they took
 */
record RunState(List<EpochMetrics> epochs, Tensor losses, int steps, double seconds) {
    static RunState between(List<EpochMetrics> epochs) {
        return new RunState(List.copyOf(epochs), null, 0, 0);
    }

    /** Returns the state after some more steps of the epoch, the first of which began at that time of the clock. */
    RunState after(int steps, Tensor losses, long nanoTime) {
        return new RunState(epochs, losses, steps, seconds + (System.nanoTime() - nanoTime) / 1e9);
    }

    /** Says whether some steps of an epoch are done, and not yet the epoch. */
    boolean inEpoch() {
        return steps > 0;
    }

    /** Says it for the user. */
    @Override
    public String toString() {
        return inEpoch() ? "step " + steps + " of epoch " + (epochs.size() + 1) : "epoch " + epochs.size();
    }
}
