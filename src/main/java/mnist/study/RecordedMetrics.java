package mnist.study;

import java.util.List;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.prob5.Prob5;
import org.jspecify.annotations.Nullable;

/** The metrics in run records: those of the problems and those of the study. */
public final class RecordedMetrics {
    private RecordedMetrics() {}

    /** The metrics of problem 4's classifier. */
    public record OfClassifier(
            double testLoss,
            double accuracy,
            ConfusionMatrix.Interval accuracyInterval,
            @Nullable Double[] precision,
            @Nullable Double[] recall,
            long[][] confusion,
            List<FilterEdge> edges) {}

    /** The metrics of problem 5's autoencoder. */
    public record OfAutoencoder(
            double testLoss,
            EmbeddingQuality embedding,
            Prob5.LinearMetrics linear,
            LatentAxes axes,
            ImageErrors errors) {}

    /** The metrics of an autoencoder of problem 6. */
    public record OfVariant(double testLoss, double inputLoss, EmbeddingQuality embedding, Measurements measurements) {}
}
