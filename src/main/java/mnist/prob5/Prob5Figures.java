package mnist.prob5;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.evaluation.Reconstructions;
import mnist.figures.EmbeddingPlot;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import mnist.figures.Plots;
import mnist.prob5.Prob5.Linear;
import mnist.prob5.Prob5.Result;
import mnist.run.RunRecord;
import mnist.run.TrainingOptions;

/** The figures of problem 5, by the names of their files. */
public final class Prob5Figures {
    public static final String CORRUPTION = "prob5-corruption.png";
    public static final String RECONSTRUCTIONS = "prob5-reconstructions.png";
    public static final String EMBEDDING = "prob5-embedding.png";
    public static final String LOSS = "prob5-loss.png";
    public static final String PCA = "prob5-pca.png";
    public static final List<String> FILES = List.of(CORRUPTION, RECONSTRUCTIONS, EMBEDDING, LOSS, PCA);

    private Prob5Figures() {}

    static void save(Result result, TrainingOptions options) {
        Path folder = options.figuresDir;
        Map<String, String> tags = RunRecord.tags(result.record());
        corruption(options.seed).save(folder.resolve(CORRUPTION), tags);
        String title = String.format(
                "Autoencoder: test images, MSE %.4f", result.metrics().testLoss());
        ImageGrid.groups(title, result.reconstructions()).save(folder.resolve(RECONSTRUCTIONS), tags);
        EmbeddingPlot.of("Autoencoder", result.points(), result.labels()).save(folder.resolve(EMBEDDING), tags);
        List<Plots.Losses> losses = List.of(result.record().curve("autoencoder"));
        Plots.losses("Autoencoder: loss", "mean squared error per pixel", losses)
                .save(folder.resolve(LOSS), tags);
        linear(result).save(folder.resolve(PCA), tags);
    }

    private static Figure corruption(long seed) {
        double[][] points = Corruption.parabola(Corruption.POINTS);
        double[] x = {-1.4, 1.4};
        double[] y = {-0.4, 1.4};
        String corrupted = String.format("corrupted: C(x\u0302 | x) = N(x\u0302; x, %.1f² I)", Corruption.STD);
        Figure before = Plots.points("original: x₂ = x₁²", points, x, y);
        Figure after = Plots.points(corrupted, Corruption.corrupt(points, seed), x, y);
        return Figure.sheet(2, List.of(before, after));
    }

    /** The linear autoencoder beside the principal components: the same images, and the same digits in two planes. */
    private static Figure linear(Result result) {
        Linear linear = result.linear();
        double[] angles = linear.metrics().angles();
        Figure images = ImageGrid.of(
                String.format("Principal angles between the two planes: %.1f° and %.1f°", angles[0], angles[1]),
                ImageGrid.names(result.labels(), Reconstructions.SHOWN),
                List.of(
                        new ImageGrid.Row("original", linear.reconstructions().originals()),
                        new ImageGrid.Row("PCA", linear.pcaReconstructions().outputs()),
                        new ImageGrid.Row("linear AE", linear.reconstructions().outputs())));
        Figure pca = plane("PCA", linear.metrics().pcaTestLoss(), linear.pcaPoints(), result.labels());
        Figure trained = plane("linear AE", linear.metrics().testLoss(), linear.points(), result.labels());
        return Figure.column(List.of(images, Figure.sheet(2, List.of(pca, trained))));
    }

    private static Figure plane(String name, double loss, float[][] points, long[] labels) {
        return EmbeddingPlot.half(String.format("%s: test MSE %.5f", name, loss), "principal axis", points, labels);
    }
}
