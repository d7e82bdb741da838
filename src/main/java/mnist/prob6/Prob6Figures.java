package mnist.prob6;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mnist.figures.EmbeddingPlot;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.LossPlot;
import mnist.prob6.Prob6.Result;

/** The figures of problem 6. */
final class Prob6Figures {
    private Prob6Figures() {}

    static void save(List<Result> results, Path folder) {
        for (Result result : results) {
            String name = "prob6-" + result.variant();
            reconstructions(
                            result.variant(),
                            String.format(
                                    "%s: test images, MSE %.4f",
                                    result.variant(), result.metrics().testLoss()),
                            result.samples(),
                            result.labels())
                    .save(folder.resolve(name + "-reconstructions.png"));
            EmbeddingPlot.of(result.variant().toString(), result.points(), result.labels())
                    .save(folder.resolve(name + "-embedding.png"));
        }
        LossPlot.of(
                        "Convolutional autoencoders: loss",
                        "mean squared error a pixel",
                        results.stream()
                                .map(result ->
                                        result.record().curve(result.variant().toString()))
                                .toList())
                .save(folder.resolve("prob6-losses.png"));
        comparison(results).save(folder.resolve("prob6-comparison.png"));
    }

    static Figure reconstructions(Variant variant, String title, Prob6.Samples samples, long[] labels) {
        List<ImageGrid.Row> rows = new ArrayList<>();
        rows.add(new ImageGrid.Row("original", samples.originals()));
        if (variant.noise) rows.add(new ImageGrid.Row("corrupted", samples.inputs()));
        rows.add(new ImageGrid.Row("reconstructed", samples.reconstructions()));
        return ImageGrid.of(title, ImageGrid.names(labels, 10), rows);
    }

    /** One sheet of all variants: what each makes of the same images, and their embeddings side by side. */
    private static Figure comparison(List<Result> results) {
        List<ImageGrid.Row> rows = new ArrayList<>();
        List<Figure> embeddings = new ArrayList<>();
        rows.add(new ImageGrid.Row("original", results.get(0).samples().originals()));
        for (Result result : results) {
            boolean firstNoisy = result.variant().noise
                    && rows.stream().noneMatch(row -> row.label().equals("corrupted"));
            if (firstNoisy)
                rows.add(new ImageGrid.Row("corrupted", result.samples().inputs()));
            rows.add(new ImageGrid.Row(
                    result.variant().toString(), result.samples().reconstructions()));
            embeddings.add(EmbeddingPlot.small(
                    String.format(
                            "%s: MSE %.4f, 10-NN %.0f %%",
                            result.variant(),
                            result.metrics().testLoss(),
                            100 * result.metrics().embedding().nearestNeighbourAccuracy()),
                    result.points(),
                    result.labels()));
        }
        return Figure.column(List.of(
                ImageGrid.of(
                        "Test images, their reconstructions and embeddings",
                        ImageGrid.names(results.get(0).labels(), 10),
                        rows),
                Figure.sheet(2, embeddings)));
    }
}
