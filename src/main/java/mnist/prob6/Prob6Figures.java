package mnist.prob6;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mnist.figures.EmbeddingPlot;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.LossPlot;
import mnist.prob6.Prob6.Result;
import mnist.training.EpochMetrics;

/** The figures of problem 6. */
final class Prob6Figures {
    private Prob6Figures() {}

    static void save(List<Result> results, Path folder) {
        List<Figure> comparison = new ArrayList<>();
        List<LossPlot.Curve> curves = new ArrayList<>();
        for (Result result : results) {
            Figure reconstructions = reconstructions(result);
            Figure embedding = embedding(result);
            reconstructions.save(folder.resolve("prob6-" + result.variant() + "-reconstructions.png"));
            embedding.save(folder.resolve("prob6-" + result.variant() + "-embedding.png"));
            comparison.add(Figure.column(List.of(reconstructions, embedding)));
            curves.add(curve(result));
        }
        LossPlot.of("Convolutional autoencoders: loss", "mean squared error a pixel", curves).save(folder.resolve("prob6-losses.png"));
        Figure.sheet(2, comparison).save(folder.resolve("prob6-comparison.png"));
    }

    private static Figure reconstructions(Result result) {
        Prob6.Samples samples = result.samples();
        List<ImageGrid.Row> rows = new ArrayList<>();
        rows.add(new ImageGrid.Row("original", samples.originals()));
        rows.add(new ImageGrid.Row(result.variant().noise ? "corrupted" : "input", samples.inputs()));
        rows.add(new ImageGrid.Row("reconstructed", samples.reconstructions()));
        List<String> labels = Arrays.stream(samples.labels()).mapToObj(String::valueOf).toList();
        return ImageGrid.of(String.format("%s: test images, MSE %.4f", title(result), result.metrics().testLoss()), labels, rows, 1000);
    }

    private static Figure embedding(Result result) {
        String title = String.format("%s: embedding of %,d test images", title(result), result.labels().length);
        return EmbeddingPlot.of(title, result.points(), result.labels(), 1000, 800);
    }

    private static LossPlot.Curve curve(Result result) {
        List<EpochMetrics> epochs = result.record().epochs();
        return new LossPlot.Curve(title(result), epochs.stream().mapToDouble(EpochMetrics::trainLoss).toArray(),
                epochs.stream().mapToDouble(EpochMetrics::testLoss).toArray());
    }

    private static String title(Result result) {
        return result.variant().toString();
    }
}
