package mnist.training;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Says how far a run has come.
 *
 * @param epochs those that are done
 * @param order the order of the examples in the epoch that is under way, N longs; null between epochs
 * @param losses the losses of its steps so far, and zeros; null between epochs
 * @param steps how many of its steps are done
 * @param seconds time they took
 */
record RunState(List<EpochMetrics> epochs, Tensor order, Tensor losses, int steps, double seconds) {
    static RunState between(List<EpochMetrics> epochs) {
        return new RunState(List.copyOf(epochs), null, null, 0, 0);
    }

    boolean inEpoch() {
        return order != null;
    }
}
