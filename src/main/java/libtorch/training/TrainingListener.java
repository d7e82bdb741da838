package libtorch.training;

import org.bytedeco.pytorch.Tensor;

/** Callbacks of the training loop. */
public interface TrainingListener {
    /** Called before the first batch of an epoch, of whose batches an earlier run may have done some. */
    default void epochStarted(int epoch, int batches, int done) {}

    /** Called when an epoch's order is drawn, and the random numbers of the batches that an earlier run has done. */
    default void batchesStarted() {}

    /**
     * Called in each step when the parameters have their gradients, of several ranks the averages, and before the
     * optimizer's step: a place to clip them.
     */
    default void gradientsComputed() {}

    /**
     * Called after each step.
     *
     * @param loss of the batch, on its device, for the time of the call; reading it makes a GPU wait
     */
    default void batchDone(Tensor loss) {}

    /** Called after each epoch and its evaluation, with the loss of each of the epoch's steps. */
    default void epochDone(EpochMetrics metrics, double[] stepLosses) {}

    /**
     * Returns 0 where training should go on after this step, and otherwise a number of the caller's for why it should
     * stop, as a signal's; of several ranks the largest number counts for all.
     */
    default int stop() {
        return 0;
    }

    /** Called where training ends in this state because a listener asked for it. */
    default void stopped(TrainingState state) {}

    /** Called where training ends in this state because another rank is lost. */
    default void rankLost(TrainingState state) {}
}
