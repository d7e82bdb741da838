package libtorch.training;

/**
 * The losses of an epoch.
 *
 * @param epoch counted from 1
 * @param trainLoss mean over the epoch's examples, each measured just before the step that learned from it
 * @param testLoss mean over the test set after the epoch
 * @param seconds time spent training, without evaluation
 */
public record EpochMetrics(int epoch, double trainLoss, double testLoss, double seconds) {}
