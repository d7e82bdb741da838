package mnist.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.Reconstructions;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.Plots;
import mnist.prob4.Prob4;
import mnist.prob4.Prob4Figures;
import mnist.prob5.Prob5;
import mnist.prob6.Variant;
import mnist.run.RunRecord;
import mnist.study.Measurements.AtNoise;

/**
 * The figures of what is measured beyond the exercise.
 *
 * @param records of the models that were saved, by their names
 */
public record StudyFigures(Path folder, Map<String, RunRecord> records) {
    public static final String RESPONSES = "prob4-responses.png";
    public static final String LATENT_PLANE = "prob5-latent-plane.png";
    public static final String NOISE = "prob6-noise.png";
    public static final String RESIDUALS = "prob6-residuals.png";
    public static final List<String> FILES = List.of(RESPONSES, LATENT_PLANE, NOISE, RESIDUALS);

    private void save(Figure figure, String file, String... models) {
        RunRecord[] shown = Stream.of(models).map(records::get).toArray(RunRecord[]::new);
        figure.save(folder.resolve(file), RunRecord.tags(shown));
    }

    private void saveOfVariants(Figure figure, String file) {
        save(figure, file, Stream.of(Variant.values()).map(v -> v.model).toArray(String[]::new));
    }

    void responses(float[][] responses) {
        String title = "CNN: responses of the 40 filters to one test image";
        save(Prob4Figures.grid(title, "response before ReLU", responses), RESPONSES, Prob4.MODEL);
    }

    void latentPlane(LatentGrid grid) {
        List<ImageGrid.Row> rows = IntStream.range(0, grid.images().length)
                .mapToObj(r -> new ImageGrid.Row(number(grid.second()[r]), grid.images()[r]))
                .toList();
        Figure figure = ImageGrid.of(
                "Decoded: latent coordinate 1 to the right, 2 upwards",
                Arrays.stream(grid.first()).mapToObj(StudyFigures::number).toList(),
                rows);
        save(figure, LATENT_PLANE, Prob5.MODEL);
    }

    private static String number(double value) {
        return String.format(Math.abs(value) < 9.5 ? "%.1f" : "%.0f", value).replace('-', '−');
    }

    /** Draws the test losses of all variants over the noise of their inputs, and what the noise itself is. */
    void noise(Map<Variant, Map<Long, Measurements>> variants) {
        List<Plots.Line> lines = new ArrayList<>();
        variants.forEach((variant, seeds) -> lines.add(line(variant.toString(), seeds.values(), AtNoise::testLoss)));
        Collection<Measurements> plain =
                Objects.requireNonNull(variants.get(Variant.PLAIN)).values();
        lines.add(line("the input itself", plain, AtNoise::inputLoss));
        double[] stds = plain.iterator().next().noise().stream()
                .mapToDouble(AtNoise::std)
                .toArray();
        String x = "σ of the input's noise";
        saveOfVariants(Plots.lines("Test loss and noise", x, "mean squared error per pixel", stds, lines), NOISE);
    }

    private static Plots.Line line(String name, Collection<Measurements> seeds, ToDoubleFunction<AtNoise> loss) {
        return new Plots.Line(
                name,
                seeds.stream()
                        .map(measured ->
                                measured.noise().stream().mapToDouble(loss).toArray())
                        .toList());
    }

    /** Draws the error over the width of the code. */
    public static Figure widths(Ablations.Results ablations) {
        List<Ablations.Ablated> networks = ablations.widths();
        List<double[]> seeds = IntStream.range(0, ablations.seeds())
                .mapToObj(seed -> networks.stream()
                        .mapToDouble(network -> network.testLoss().values()[seed])
                        .toArray())
                .toList();
        return Plots.labelled(
                "plain with wider codes: test loss",
                "numbers in the code",
                "MSE per pixel (log scale)",
                networks.stream()
                        .map(network -> String.valueOf(network.codeWidth()))
                        .toList(),
                new Plots.Line("plain", seeds));
    }

    /** Draws what is left between reconstructions and clean images. */
    void residuals(Map<Variant, Reconstructions> reconstructions, long[] labels) {
        List<ImageGrid.Row> rows = Stream.of(Variant.values())
                .map(variant -> new ImageGrid.Row(
                        variant.toString(),
                        Objects.requireNonNull(reconstructions.get(variant)).residuals()))
                .toList();
        Figure figure = ImageGrid.diverging(
                "Residuals: reconstruction minus clean image",
                "pixel value",
                ImageGrid.names(labels, Reconstructions.SHOWN),
                rows);
        saveOfVariants(figure, RESIDUALS);
    }
}
