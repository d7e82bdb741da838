package mnist.training;

import org.bytedeco.pytorch.Tensor;

/** Hears how training goes. */
public interface TrainingListener {
    /** Hears the start of an epoch, some of whose batches an earlier run may have done. */
    default void epochStarted(int epoch, int batches, int done) {}

    /**
     * Hears the end of a batch.
     *
     * @param loss of the batch, on its device, for the time of the call; reading it makes a GPU wait
     */
    default void batchDone(Tensor loss) {}

    /** Hears the end of an epoch, with the loss of each of its steps. */
    default void epochDone(EpochMetrics metrics, double[] stepLosses) {}

    /** Returns the exit status with which the run should end now, between two steps, or 0 where it should go on. */
    default int exitWanted() {
        return 0;
    }

    /** Hears that the run ends early, in this state, as it was wished. */
    default void stopped(RunState state) {}

    /** Hears that the run cannot go on from this state, because another process is lost. */
    default void lost(RunState state) {}

    /** Returns a listener that tells this one first, then the other. */
    default TrainingListener andThen(TrainingListener other) {
        TrainingListener first = this;
        return new TrainingListener() {
            @Override
            public void epochStarted(int epoch, int batches, int done) {
                first.epochStarted(epoch, batches, done);
                other.epochStarted(epoch, batches, done);
            }

            @Override
            public void batchDone(Tensor loss) {
                first.batchDone(loss);
                other.batchDone(loss);
            }

            @Override
            public void epochDone(EpochMetrics metrics, double[] stepLosses) {
                first.epochDone(metrics, stepLosses);
                other.epochDone(metrics, stepLosses);
            }

            @Override
            public int exitWanted() {
                return Math.max(first.exitWanted(), other.exitWanted());
            }

            @Override
            public void stopped(RunState state) {
                first.stopped(state);
                other.stopped(state);
            }

            @Override
            public void lost(RunState state) {
                first.lost(state);
                other.lost(state);
            }
        };
    }
}
