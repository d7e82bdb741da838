package mnist.prob6;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mnist.evaluation.Reconstructions;
import mnist.figures.EmbeddingPlot;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.Plots;
import mnist.prob6.Prob6.Result;
import mnist.run.RunRecord;

/** The figures of problem 6, by the names of their files. */
public final class Prob6Figures {
    public static final String LOSSES = "prob6-losses.png";
    public static final String COMPARISON = "prob6-comparison.png";
    public static final List<String> FILES = Stream.concat(
                    Stream.of(Variant.values()).flatMap(v -> Stream.of(reconstructions(v), embedding(v))),
                    Stream.of(LOSSES, COMPARISON))
            .toList();

    private Prob6Figures() {}

    public static String reconstructions(Variant variant) {
        return "prob6-" + variant + "-reconstructions.png";
    }

    public static String embedding(Variant variant) {
        return "prob6-" + variant + "-embedding.png";
    }

    /** Draws one variant; others may still be in training. */
    static void save(Result result, Path folder) {
        Variant variant = result.variant();
        Map<String, String> tags = RunRecord.tags(result.record());
        String title = String.format(
                "%s: test images, MSE %.4f", variant, result.metrics().testLoss());
        ImageGrid.groups(title, result.groups()).save(folder.resolve(reconstructions(variant)), tags);
        EmbeddingPlot.of(variant.toString(), result.points(), result.labels())
                .save(folder.resolve(embedding(variant)), tags);
    }

    /** @param variants the results of each variant, by seed; images and embeddings are of the first seed */
    static void save(List<List<Result>> variants, Path folder) {
        List<Result> results = variants.stream().map(seeds -> seeds.get(0)).toList();
        if (results.size() < Variant.values().length) {
            System.out.println(LOSSES + " and " + COMPARISON + " are of all variants, and stay as they are.");
            return;
        }
        Map<String, String> tags =
                RunRecord.tags(results.stream().map(Result::record).toArray(RunRecord[]::new));
        List<Plots.Losses> losses = results.stream()
                .map(result -> result.record().curve(result.variant().toString()))
                .toList();
        Plots.losses("Convolutional autoencoders: loss", "mean squared error per pixel", losses)
                .save(folder.resolve(LOSSES), tags);
        comparison(results).save(folder.resolve(COMPARISON), tags);
    }

    /** Draws all variants on a sheet: reconstructions of the same images, and the embeddings side by side. */
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
            Prob6.Metrics metrics = result.metrics();
            double neighbours = 100 * metrics.embedding().nearestNeighbourAccuracy();
            String title =
                    String.format("%s: MSE %.4f, 10-NN %.0f %%", result.variant(), metrics.testLoss(), neighbours);
            embeddings.add(EmbeddingPlot.half(title, "latent coordinate", result.points(), result.labels()));
        }
        List<String> digits = ImageGrid.names(results.get(0).labels(), Reconstructions.SHOWN);
        Figure images = ImageGrid.of("Test images, their reconstructions and embeddings", digits, rows);
        return Figure.column(List.of(images, Figure.sheet(2, embeddings)));
    }
}
