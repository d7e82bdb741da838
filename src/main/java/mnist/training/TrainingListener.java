package mnist.training;

/** Hears how training goes. */
public interface TrainingListener {
    default void epochStarted(int epoch, int batches) {}

    default void batchDone() {}

    /** Hears the end of an epoch, with the loss of each of its steps. */
    default void epochDone(EpochMetrics metrics, double[] stepLosses) {}

    /** Returns a listener that tells this one first, then the other. */
    default TrainingListener andThen(TrainingListener other) {
        TrainingListener first = this;
        return new TrainingListener() {
            @Override
            public void epochStarted(int epoch, int batches) {
                first.epochStarted(epoch, batches);
                other.epochStarted(epoch, batches);
            }

            @Override
            public void batchDone() {
                first.batchDone();
                other.batchDone();
            }

            @Override
            public void epochDone(EpochMetrics metrics, double[] stepLosses) {
                first.epochDone(metrics, stepLosses);
                other.epochDone(metrics, stepLosses);
            }
        };
    }
}
