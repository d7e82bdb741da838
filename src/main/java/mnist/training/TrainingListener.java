package mnist.training;

/** Hears how training goes. */
public interface TrainingListener {
    default void epochStarted(int epoch, int batches) {}

    default void batchDone() {}

    default void epochDone(EpochMetrics metrics) {}
}
