package mnist.training;

/** Hears how training goes. */
public interface TrainingListener {
    default void epochStarted(int epoch, int batches) {}

    default void batchDone() {}

    /** Hears the end of an epoch, with the loss of each of its steps. */
    default void epochDone(EpochMetrics metrics, double[] stepLosses) {}
}
