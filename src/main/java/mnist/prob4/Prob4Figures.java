package mnist.prob4;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import libtorch.Tensors;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Interval;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.MatrixPlot;
import mnist.figures.Plots;
import mnist.prob4.Prob4.Mistake;
import mnist.prob4.Prob4.Result;
import mnist.run.Run;
import mnist.run.RunRecord;

/** The figures of problem 4, by the names of their files. */
public final class Prob4Figures {
    public static final String FILTERS = "prob4-filters.png";
    public static final String CONFUSION = "prob4-confusion-matrix.png";
    public static final String LOSS = "prob4-loss.png";
    public static final List<String> FILES = List.of(FILTERS, CONFUSION, LOSS);

    private static final int COLUMNS = 8;

    private Prob4Figures() {}

    static void save(Result result, Path folder) {
        Map<String, String> tags = RunRecord.tags(result.record());
        filters(result.filters()).save(folder.resolve(FILTERS), tags);
        confusion(result).save(folder.resolve(CONFUSION), tags);
        List<Plots.Losses> losses = List.of(result.record().curve("CNN"));
        Plots.losses("CNN: loss", "NLL loss per image (nats)", losses).save(folder.resolve(LOSS), tags);
    }

    /** The filters of a network in training. */
    static Figure filters(Run<Cnn> run) {
        return filters(Tensors.rows(run.network().conv1.weight()));
    }

    private static Figure filters(float[][] filters) {
        return grid("CNN: the 40 filters of the first layer (5×5)", "weight", filters);
    }

    /** Draws the filters in rows of eight, numbered from 1. */
    public static Figure grid(String title, String unit, float[][] filters) {
        List<ImageGrid.Row> rows = IntStream.range(0, filters.length / COLUMNS)
                .mapToObj(r -> new ImageGrid.Row(
                        (r * COLUMNS + 1) + "–" + (r + 1) * COLUMNS,
                        Arrays.copyOfRange(filters, r * COLUMNS, (r + 1) * COLUMNS)))
                .toList();
        List<String> columns =
                IntStream.rangeClosed(1, COLUMNS).mapToObj(String::valueOf).toList();
        return ImageGrid.diverging(title, unit, columns, rows);
    }

    /** The matrix, above the images that were confused. */
    private static Figure confusion(Result result) {
        ConfusionMatrix confusion = result.confusion();
        Interval interval = confusion.accuracyInterval();
        Figure matrix = MatrixPlot.of(
                String.format(
                        "CNN: test accuracy %.2f %% (95 %% interval %.2f–%.2f %%)",
                        100 * confusion.accuracy(), 100 * interval.low(), 100 * interval.high()),
                confusion);
        if (result.mistakes().isEmpty()) return matrix;
        List<String> labels = result.mistakes().stream()
                .map(m -> m.truth() + "→" + m.predicted())
                .toList();
        float[][] images = result.mistakes().stream().map(Mistake::image).toArray(float[][]::new);
        String title = "Some of what was confused most often (true→predicted)";
        return Figure.column(List.of(matrix, ImageGrid.of(title, labels, List.of(new ImageGrid.Row("", images)))));
    }
}
