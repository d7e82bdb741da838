package mnist.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import libtorch.Tensors;
import libtorch.nn.Activation;
import mnist.data.ImageSet;
import mnist.data.Mnist;
import mnist.evaluation.Reconstructions;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.Plots;
import mnist.prob4.Cnn;
import mnist.prob4.Prob4;
import mnist.prob4.Prob4Figures;
import mnist.prob5.Autoencoder;
import mnist.prob5.Prob5;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.Variant;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.study.Measurements.AtNoise;
import org.jspecify.annotations.Nullable;

/** Makes and draws additional measurements of the networks of problems 4 to 6, for the report. */
public final class ProblemStudy implements Session.Study {
    private static final String RESPONSES = "prob4-responses.png";
    private static final String LATENT_PLANE = "prob5-latent-plane.png";
    private static final String NOISE = "prob6-noise.png";
    private static final String RESIDUALS = "prob6-residuals.png";
    public static final List<String> FILES = List.of(RESPONSES, LATENT_PLANE, NOISE, RESIDUALS);

    // For the figures; of the first seed, but for the measurements
    private @Nullable Figure responses;
    private @Nullable Figure latentPlane;
    private final Map<Variant, Map<Long, Measurements>> measurements = new ConcurrentSkipListMap<>();
    private final Map<Variant, Reconstructions> reconstructions = new ConcurrentHashMap<>();
    private long @Nullable [] labels;

    @Override
    public Map<String, Object> measure(Run<?> run, Mnist data) {
        if (run.network() instanceof Cnn cnn) return ofClassifier(run, cnn, data.test());
        if (run.network() instanceof Autoencoder autoencoder) return ofAutoencoder(run, autoencoder, data.test());
        if (run.network() instanceof ConvAutoencoder autoencoder) return ofVariant(run, autoencoder, data);
        return Map.of();
    }

    private Map<String, Object> ofClassifier(Run<?> run, Cnn cnn, ImageSet test) {
        if (run.isFirst()) {
            float[][] images = run.evaluation()
                    .run(() -> Tensors.rows(cnn.conv1.forward(test.images(0, 1)).squeeze(0))); // 40×24×24
            responses = Prob4Figures.grid(
                    "CNN: responses of the 40 filters to one test image", "response before ReLU", images);
        }
        float[][] filters = Tensors.rows(cnn.conv1.weight());
        return Map.of("edges", Arrays.stream(filters).map(FilterEdge::of).toList());
    }

    private Map<String, Object> ofAutoencoder(Run<?> run, Autoencoder autoencoder, ImageSet test) {
        float[][] points = run.embedding();
        if (run.isFirst())
            latentPlane = latentPlane(run.evaluation()
                    .run(() -> LatentGrid.over(
                            points,
                            z -> autoencoder.decode(Activation.of(test.like(z))).tensor())));
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
        if (responses != null) responses.save(folder.resolve(RESPONSES), tags(records, Prob4.MODEL));
        if (latentPlane != null) latentPlane.save(folder.resolve(LATENT_PLANE), tags(records, Prob5.MODEL));
        if (labels == null) return;
        if (measurements.size() < Variant.values().length) {
            System.out.println(NOISE + " and " + RESIDUALS + " are of all variants, and stay as they are.");
            return;
        }
        Map<String, String> tags = tags(
                records,
                Stream.of(Variant.values()).map(variant -> variant.model).toArray(String[]::new));
        noise().save(folder.resolve(NOISE), tags);
        residuals(labels).save(folder.resolve(RESIDUALS), tags);
    }

    private static Map<String, String> tags(Map<String, RunRecord> records, String... models) {
        return RunRecord.tags(Stream.of(models).map(records::get).toArray(RunRecord[]::new));
    }

    private static Figure latentPlane(LatentGrid grid) {
        List<ImageGrid.Row> rows = IntStream.range(0, grid.images().length)
                .mapToObj(r -> new ImageGrid.Row(number(grid.second()[r]), grid.images()[r]))
                .toList();
        List<String> columns =
                Arrays.stream(grid.first()).mapToObj(ProblemStudy::number).toList();
        return ImageGrid.of("Decoded: latent coordinate 1 to the right, 2 upwards", columns, rows);
    }

    private static String number(double value) {
        return String.format(Math.abs(value) < 9.5 ? "%.1f" : "%.0f", value).replace('-', '−');
    }

    /** Draws the test losses of all variants, and the error of the inputs, by the inputs' noise. */
    private Figure noise() {
        List<Plots.Line> lines = new ArrayList<>();
        measurements.forEach(
                (variant, seeds) -> lines.add(line(variant.toString(), seeds.values(), AtNoise::testLoss)));
        Collection<Measurements> plain =
                Objects.requireNonNull(measurements.get(Variant.PLAIN)).values();
        lines.add(line("the input itself", plain, AtNoise::inputLoss));
        double[] stds = values(plain.iterator().next(), AtNoise::std);
        return Plots.lines(
                "Test loss and noise", "σ of the input's noise", "mean squared error per pixel", stds, lines);
    }

    private static Plots.Line line(String name, Collection<Measurements> seeds, ToDoubleFunction<AtNoise> loss) {
        return new Plots.Line(
                name, seeds.stream().map(measured -> values(measured, loss)).toList());
    }

    private static double[] values(Measurements measured, ToDoubleFunction<AtNoise> value) {
        return measured.noise().stream().mapToDouble(value).toArray();
    }

    /** Draws the differences between reconstructions and clean images. */
    private Figure residuals(long[] labels) {
        List<ImageGrid.Row> rows = Stream.of(Variant.values())
                .map(variant -> new ImageGrid.Row(
                        variant.toString(),
                        Objects.requireNonNull(reconstructions.get(variant)).residuals()))
                .toList();
        String title = "Residuals: reconstruction minus clean image";
        return ImageGrid.diverging(title, "pixel value", ImageGrid.names(labels, Reconstructions.SHOWN), rows);
    }
}
