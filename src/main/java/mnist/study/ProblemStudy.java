package mnist.study;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import libtorch.Tensors;
import libtorch.nn.Activation;
import mnist.data.ImageSet;
import mnist.data.Mnist;
import mnist.evaluation.Reconstructions;
import mnist.prob4.Cnn;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.Variant;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import org.jspecify.annotations.Nullable;

/** Measures the networks of problems 4 to 6 for the report, and draws its figures. */
public final class ProblemStudy implements Session.Study {
    // For the figures; of the first seed, but for the measurements
    private float @Nullable [][] responses; // of the classifier's filters, 24×24 each
    private @Nullable LatentGrid grid;
    private final Map<Variant, Map<Long, Measurements>> measurements = new ConcurrentSkipListMap<>();
    private final Map<Variant, Reconstructions> reconstructions = new ConcurrentHashMap<>();
    private long @Nullable [] labels;

    @Override
    public Map<String, Object> measure(Run<?> run, Mnist mnist) {
        if (run.network() instanceof Cnn cnn) return ofClassifier(run, cnn, mnist.test());
        if (run.network() instanceof Autoencoder autoencoder) return ofAutoencoder(run, autoencoder, mnist.test());
        if (run.network() instanceof ConvAutoencoder autoencoder) return ofVariant(run, autoencoder, mnist);
        return Map.of();
    }

    private Map<String, Object> ofClassifier(Run<?> run, Cnn cnn, ImageSet test) {
        if (run.isFirst())
            responses = run.evaluation()
                    .run(() -> Tensors.rows(cnn.conv1.forward(test.images(0, 1)).squeeze(0))); // 40×24×24
        float[][] filters = Tensors.rows(cnn.conv1.weight());
        return Map.of("edges", Arrays.stream(filters).map(FilterEdge::of).toList());
    }

    private Map<String, Object> ofAutoencoder(Run<?> run, Autoencoder autoencoder, ImageSet test) {
        float[][] points = run.embedding();
        if (run.isFirst())
            grid = run.evaluation()
                    .run(() -> LatentGrid.over(
                            points,
                            z -> autoencoder.decode(Activation.of(test.like(z))).tensor()));
        return Map.of("axes", LatentAxes.of(points, test, Tensors.longs(test.labels())));
    }

    private Map<String, Object> ofVariant(Run<?> run, ConvAutoencoder autoencoder, Mnist data) {
        Variant variant = Variant.of(run.task().model());
        Measurements measured = Measurements.of(run, autoencoder, data);
        measurements
                .computeIfAbsent(variant, v -> new ConcurrentSkipListMap<>())
                .put(run.task().seed(), measured);
        if (run.isFirst()) {
            reconstructions.put(variant, run.reconstructions());
            labels = Tensors.longs(data.test().labels());
        }
        return Map.of("measurements", measured);
    }

    @Override
    public void draw(Path folder, Map<String, RunRecord> records) {
        StudyFigures figures = new StudyFigures(folder, records);
        if (responses != null) figures.responses(responses);
        if (grid != null) figures.latentPlane(grid);
        if (labels == null) return;
        if (measurements.size() < Variant.values().length) {
            System.out.println(StudyFigures.NOISE + " and " + StudyFigures.RESIDUALS
                    + " are of all variants, and stay as they are.");
            return;
        }
        figures.noise(measurements);
        figures.residuals(reconstructions, labels);
    }
}
