package libtorch.training;

import org.bytedeco.pytorch.Tensor;

/** Callbacks of the training loop. */
public interface TrainingListener {
    /** Called before the first batch of an epoch, of which an earlier run has done {@code done} batches. */
    default void epochStarted(int epoch, int batches, int done) {}

    /** Called after an epoch's order, and the random numbers of batches that an earlier run has done, are drawn. */
    default void batchesStarted() {}

    /**
     * Called in each step after {@code backward()} and before the optimizer's step, as to clip the gradients; those of
     * several ranks are averaged.
     */
    default void gradientsComputed() {}

    /**
     * Called after each step.
     *
     * @param loss of the batch, on its device, valid during the call; reading it synchronizes with a GPU
     */
    default void batchDone(Tensor loss) {}

    /** Called after each epoch and its evaluation, with the loss of each of the epoch's steps. */
    default void epochDone(EpochMetrics metrics, double[] stepLosses) {}

    /**
     * Returns 0 to continue after this step, or a reason to stop that the caller defines, as a signal's number; with
     * several ranks the largest number counts.
     */
    default int stop() {
        return 0;
    }

    /** Called if training ends in this state because a listener stopped it. */
    default void stopped(TrainingState state) {}

    /** Called if training ends in this state because another rank is lost. */
    default void rankLost(TrainingState state) {}
}
