package mnist.prob6;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import mnist.evaluation.Reconstructions;
import mnist.figures.EmbeddingPlot;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.LinePlot;
import mnist.figures.LossPlot;
import mnist.prob6.Prob6.Result;
import mnist.run.RunRecord;

/** The figures of problem 6, by the names of their files. */
public final class Prob6Figures {
    public static final String LOSSES = "prob6-losses.png";
    public static final String COMPARISON = "prob6-comparison.png";
    public static final String NOISE = "prob6-noise.png";
    public static final String RESIDUALS = "prob6-residuals.png";
    public static final List<String> FILES = Stream.concat(
                    Stream.of(Variant.values()).flatMap(v -> Stream.of(reconstructions(v), embedding(v))),
                    Stream.of(LOSSES, COMPARISON, NOISE, RESIDUALS))
            .toList();

    private Prob6Figures() {}

    public static String reconstructions(Variant variant) {
        return "prob6-" + variant + "-reconstructions.png";
    }

    public static String embedding(Variant variant) {
        return "prob6-" + variant + "-embedding.png";
    }

    /** Draws one variant, while others are in training. */
    static void save(Result result, Path folder) {
        Variant variant = result.variant();
        Map<String, String> tags = RunRecord.tags(result.record());
        String title = String.format(
                "%s: test images, MSE %.4f", variant, result.metrics().testLoss());
        ImageGrid.groups(title, result.groups()).save(folder.resolve(reconstructions(variant)), tags);
        EmbeddingPlot.of(variant.toString(), result.points(), result.labels())
                .save(folder.resolve(embedding(variant)), tags);
    }

    /** @param variants the results of each, a seed each; images and embeddings are the first one's */
    static void save(List<List<Result>> variants, Path folder) {
        List<Result> results = variants.stream().map(seeds -> seeds.get(0)).toList();
        if (results.size() < Variant.values().length) {
            System.out.println(String.join(", ", LOSSES, COMPARISON, NOISE) + " and " + RESIDUALS
                    + " are of all variants, and stay as they are.");
            return;
        }
        Map<String, String> tags =
                RunRecord.tags(results.stream().map(Result::record).toArray(RunRecord[]::new));
        LossPlot.of(
                        "Convolutional autoencoders: loss",
                        "mean squared error per pixel",
                        results.stream()
                                .map(result ->
                                        result.record().curve(result.variant().toString()))
                                .toList())
                .save(folder.resolve(LOSSES), tags);
        comparison(results).save(folder.resolve(COMPARISON), tags);
        noise(variants).save(folder.resolve(NOISE), tags);
        residuals(results).save(folder.resolve(RESIDUALS), tags);
    }

    /** The test losses of all variants over the noise of their inputs, and what the noise itself is. */
    private static Figure noise(List<List<Result>> variants) {
        List<LinePlot.Line> lines = new ArrayList<>();
        for (List<Result> seeds : variants)
            lines.add(line(seeds.get(0).variant().toString(), seeds, Measurements.AtNoise::testLoss));
        lines.add(line("the input itself", variants.get(0), Measurements.AtNoise::inputLoss));
        double[] stds = variants.get(0).get(0).metrics().measurements().noise().stream()
                .mapToDouble(Measurements.AtNoise::std)
                .toArray();
        return LinePlot.logarithmic(
                "Test loss and noise", "σ of the input's noise", "mean squared error per pixel", stds, lines);
    }

    private static LinePlot.Line line(String name, List<Result> seeds, ToDoubleFunction<Measurements.AtNoise> loss) {
        return new LinePlot.Line(
                name,
                seeds.stream()
                        .map(result -> result.metrics().measurements().noise().stream()
                                .mapToDouble(loss)
                                .toArray())
                        .toList());
    }

    /** What is left between reconstructions and clean images. */
    private static Figure residuals(List<Result> results) {
        List<ImageGrid.Row> rows = results.stream()
                .map(result -> new ImageGrid.Row(
                        result.variant().toString(), result.reconstructions().residuals()))
                .toList();
        return ImageGrid.diverging(
                "Residuals: reconstruction minus clean image",
                "pixel value",
                ImageGrid.names(results.get(0).labels(), Reconstructions.SHOWN),
                rows);
    }

    /** One sheet of all variants: each one's reconstructions of the same images, and their embeddings side by side. */
    private static Figure comparison(List<Result> results) {
        List<ImageGrid.Row> rows = new ArrayList<>();
        List<Figure> embeddings = new ArrayList<>();
        rows.add(new ImageGrid.Row("original", results.get(0).reconstructions().originals()));
        for (Result result : results) {
            boolean firstNoisy = result.reconstructions().corrupted()
                    && rows.stream().noneMatch(row -> row.label().equals("corrupted"));
            if (firstNoisy)
                rows.add(new ImageGrid.Row("corrupted", result.reconstructions().inputs()));
            rows.add(new ImageGrid.Row(
                    result.variant().toString(), result.reconstructions().outputs()));
            embeddings.add(EmbeddingPlot.half(
                    String.format(
                            "%s: MSE %.4f, 10-NN %.0f %%",
                            result.variant(),
                            result.metrics().testLoss(),
                            100 * result.metrics().embedding().nearestNeighbourAccuracy()),
                    "latent coordinate",
                    result.points(),
                    result.labels()));
        }
        return Figure.column(List.of(
                ImageGrid.of(
                        "Test images, their reconstructions and embeddings",
                        ImageGrid.names(results.get(0).labels(), Reconstructions.SHOWN),
                        rows),
                Figure.sheet(2, embeddings)));
    }
}
