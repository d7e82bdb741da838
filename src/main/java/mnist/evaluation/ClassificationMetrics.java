package mnist.evaluation;

import org.jspecify.annotations.Nullable;

/**
 * What is measured of a classifier on a test set.
 *
 * @param testLoss mean negative log-likelihood per example, in nats
 * @param accuracyInterval 95 % interval after Wilson
 * @param precision per class; null where nothing was classified as it
 * @param recall per class; null where nothing is of it
 * @param confusion counts; rows are true classes, columns predicted ones
 */
public record ClassificationMetrics(
        double testLoss,
        double accuracy,
        ConfusionMatrix.Interval accuracyInterval,
        @Nullable Double[] precision,
        @Nullable Double[] recall,
        long[][] confusion) {
    /** Takes the metrics of a confusion matrix. */
    public static ClassificationMetrics of(double testLoss, ConfusionMatrix confusion) {
        return new ClassificationMetrics(
                testLoss,
                confusion.accuracy(),
                confusion.accuracyInterval(),
                confusion.precisions(),
                confusion.recalls(),
                confusion.counts());
    }
}
