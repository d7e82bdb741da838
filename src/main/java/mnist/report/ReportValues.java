package mnist.report;

import static mnist.report.Words.compared;
import static mnist.report.Words.percent;
import static mnist.report.Words.points;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Confusion;
import mnist.evaluation.EmbeddingQuality;
import mnist.prob4.Prob4;
import mnist.prob4.Prob4Figures;
import mnist.prob4.Window;
import mnist.prob5.Corruption;
import mnist.prob5.Prob5;
import mnist.prob5.Prob5Figures;
import mnist.prob6.Prob6;
import mnist.prob6.Prob6Figures;
import mnist.prob6.Variant;
import mnist.runtime.UserError;

/** The values and sentences of the report's template, from the records of the runs. */
record ReportValues(
        FinishedRun<Prob4.Metrics> cnn,
        FinishedRun<Prob5.Metrics> ae,
        FinishedRun<Prob6.Metrics> plain,
        FinishedRun<Prob6.Metrics> skip,
        FinishedRun<Prob6.Metrics> noisy,
        FinishedRun<Prob6.Metrics> skipNoisy) {
    /** Makes a figure for the template, of its file's name and its caption. */
    interface Figures extends BiFunction<String, String, Object> {}

    List<FinishedRun<?>> runs() {
        return List.of(cnn, ae, plain, skip, noisy, skipNoisy);
    }

    List<FinishedRun<?>> autoencoders() {
        return runs().subList(1, 6);
    }

    /**
     * Refuses runs that cannot be compared.
     *
     * @throws UserError where the records are of other data or of runs with other options
     */
    void requireComparable() {
        for (FinishedRun<?> run : runs()) {
            if (!run.record().dataset().equals(cnn.record().dataset())) {
                throw new UserError(
                        run.model() + " and " + cnn.model() + " were trained on different data",
                        "train all problems on the same");
            }
        }
        for (FinishedRun<?> run : List.of(skip, noisy, skipNoisy)) {
            boolean hasNoise = !run.model().equals(skip.model());
            if (!settings(run).equals(settings(plain)) || (hasNoise && run.option("noise") != noisy.option("noise"))) {
                throw new UserError(
                        run.model() + " was trained with other options than the rest of problem 6", "run make prob6");
            }
        }
    }

    private static JsonObject settings(FinishedRun<?> run) {
        JsonObject settings = run.record().options().deepCopy();
        settings.remove("variant");
        settings.remove("noise");
        return settings;
    }

    /** @param separated for each autoencoder, by its name, which digits its embedding separates */
    Map<String, Object> values(Figures figures, Map<String, String> separated) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "sizes",
                List.of(
                        size("a", 4, 1, 1, false),
                        size("b", 8, 5, 0, false),
                        size("c", 10, 2, 2, true),
                        size("d", 2, 1, 0, true)));
        values.put("softmax", Map.of("one", shares(1), "ten", shares(10)));
        values.put("cnn", classifier(figures));
        values.put("ae", autoencoder(figures));
        values.put("linear", linear(figures));
        values.put("plain", plain(figures));
        values.put("skip", variant(skip, Variant.SKIP, "with skip connections", figures));
        values.put("skips", skips());
        values.put("noisy", variant(noisy, Variant.NOISY, "without skip connections, on noisy images", figures));
        values.put(
                "skipNoisy", variant(skipNoisy, Variant.SKIP_NOISY, "with skip connections, on noisy images", figures));
        values.put("noise", noise());
        values.put(
                "separated",
                Map.of(
                        "ae",
                        separated.get(ae.model()),
                        "plain",
                        separated.get(plain.model()),
                        "skip",
                        separated.get(skip.model()),
                        "noisy",
                        separated.get(noisy.model()),
                        "skipNoisy",
                        separated.get(skipNoisy.model())));
        values.put(
                "variants",
                List.of(
                        row("6.1 plain", plain),
                        row("6.2 skips", skip),
                        row("6.3 noise", noisy),
                        row("6.3 skips, noise", skipNoisy)));
        values.put(
                "runs",
                Map.of(
                        "dataset",
                        cnn.record().dataset().name(),
                        "sha256",
                        cnn.record().dataset().sha256(),
                        "models",
                        runs().stream().map(ReportValues::circumstances).toList()));
        return values;
    }

    private static Map<String, Object> size(String letter, int k, int s, int p, boolean pool) {
        return Map.of(
                "letter",
                letter,
                "layer",
                pool ? "max pooling" : "convolution",
                "k",
                k,
                "s",
                s,
                "p",
                p,
                "output",
                new Window(k, s, p, pool).output(50));
    }

    /** Returns the softmax of 1, 2 and 3, times a factor, in words. */
    static String shares(double beta) {
        double[] powers = DoubleStream.of(1, 2, 3).map(z -> Math.exp(beta * z)).toArray();
        double sum = Arrays.stream(powers).sum();
        return String.format("%.5f, %.5f and %.5f", powers[0] / sum, powers[1] / sum, powers[2] / sum);
    }

    private Map<String, Object> classifier(Figures figures) {
        ConfusionMatrix matrix = new ConfusionMatrix(cnn.metrics().confusion());
        List<Confusion> confusions = matrix.confusions();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "run",
                String.format(
                        "The network was trained for %d epochs%s by stochastic gradient descent with a learning rate of %s, a momentum of %s and batches of %.0f.",
                        cnn.record().epochs().size(),
                        cnn.trainSize(),
                        number(cnn.option("lr")),
                        number(cnn.option("momentum")),
                        cnn.option("batchSize")));
        values.put("testLoss", String.format("%.4f", cnn.metrics().testLoss()));
        values.put("accuracy", percent(cnn.metrics().accuracy(), 2));
        values.put("images", String.format("%,d", matrix.total()));
        values.put("low", percent(cnn.metrics().accuracyInterval().low(), 2));
        values.put("high", percent(cnn.metrics().accuracyInterval().high(), 2));
        List<Integer> byRecall = IntStream.range(0, matrix.counts().length)
                .boxed()
                .filter(digit -> matrix.size(digit) > 0)
                .sorted(Comparator.comparingDouble(matrix::recall))
                .toList();
        values.put("worst", recall(matrix, byRecall.get(0)));
        values.put("best", recall(matrix, byRecall.get(byRecall.size() - 1)));
        values.put("confused", !confusions.isEmpty());
        values.put(
                "confusions",
                confusions.stream()
                        .limit(5)
                        .map(c -> Map.of(
                                "truth",
                                c.truth(),
                                "predicted",
                                c.predicted(),
                                "count",
                                c.count(),
                                "share",
                                percent(c.share(), 1),
                                "reverse",
                                matrix.counts()[c.predicted()][c.truth()],
                                "why",
                                Words.alike(c.truth(), c.predicted())))
                        .toList());
        values.put("comment", confusions.isEmpty() ? "" : comment(confusions.get(0), matrix));
        values.put(
                "filters",
                figures.apply(
                        Prob4Figures.FILTERS,
                        "The 40 filters of the first convolution, separated by grey lines; white is a weight of zero."));
        values.put("loss", figures.apply(Prob4Figures.LOSS, "The classifier: " + course(cnn)));
        values.put(
                "matrix",
                figures.apply(
                        Prob4Figures.CONFUSION,
                        String.format(
                                "Confusion matrix of the test images, of which %.0f are misclassified, and some of the most frequent confusions.",
                                matrix.total() * (1 - cnn.metrics().accuracy()))));
        return values;
    }

    private static String recall(ConfusionMatrix matrix, int digit) {
        return digit + " (" + percent(matrix.recall(digit), 1) + ")";
    }

    private static String comment(Confusion worst, ConfusionMatrix matrix) {
        long reverse = matrix.counts()[worst.predicted()][worst.truth()];
        String direction = reverse * 2 < worst.count() ? "It is one-sided" : "It happens both ways";
        String weight = worst.share() < 0.02
                ? "No confusion is common: even this one concerns one image of its class in "
                : "This is a noticeable confusion: it concerns one image of its class in ";
        return String.format(
                "The most frequent confusion is that of a %d with a %d. %s (%d and %d times). %s%d.",
                worst.truth(),
                worst.predicted(),
                direction,
                worst.count(),
                reverse,
                weight,
                Math.round(1 / worst.share()));
    }

    private Map<String, Object> autoencoder(Figures figures) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", ae.model());
        values.put("run", adam("trains it", ae));
        values.put("deviation", number(Corruption.STD));
        values.put("points", Corruption.POINTS);
        values.put("testMse", mse(ae.metrics().testLoss()));
        values.put(
                "versusPca",
                compared(ae.metrics().testLoss(), ae.metrics().linear().pcaTestLoss()));
        values.put("learned", Words.learned(ae.metrics().embedding()));
        values.put(
                "corruption",
                figures.apply(
                        Prob5Figures.CORRUPTION,
                        String.format(
                                "Points on a parabola before and after corruption by Gaussian noise with \\(\\sigma = %s\\): they scatter around the curve, but its shape remains recognizable.",
                                number(Corruption.STD))));
        values.put(
                "reconstructions",
                figures.apply(
                        Prob5Figures.RECONSTRUCTIONS,
                        "The first test images and their reconstructions by the autoencoder. Over all test images the error is "
                                + mse(ae.metrics().testLoss()) + " per pixel."));
        values.put("loss", figures.apply(Prob5Figures.LOSS, "The autoencoder: " + course(ae)));
        values.put(
                "embedding",
                figures.apply(
                        Prob5Figures.EMBEDDING,
                        embeddingCaption("by the autoencoder", ae.metrics().embedding())));
        values.put(
                "plane",
                figures.apply(
                        Prob5Figures.LATENT_PLANE,
                        "Images decoded from a grid of points of the plane; labels are the two latent coordinates."));
        return values;
    }

    private Map<String, Object> linear(Figures figures) {
        Prob5.LinearMetrics linear = ae.metrics().linear();
        double[] angles = linear.angles();
        return Map.of(
                "pca",
                String.format("%.5f", linear.pcaTestLoss()),
                "ae",
                String.format("%.5f", linear.testLoss()),
                "epochs",
                linear.epochs(),
                "lr",
                number(linear.lr()),
                "first",
                String.format("%.1f", angles[0]),
                "second",
                String.format("%.1f", angles[1]),
                "comment",
                angles[1] < 5
                        ? "The planes coincide up to incomplete convergence."
                        : "Training has not converged yet; longer training brings the planes nearer.",
                "figure",
                figures.apply(
                        Prob5Figures.PCA,
                        String.format(
                                "PCA and a linear autoencoder: reconstructions of the same images, and all reconstructions in the coordinates of the principal axes. The two planes meet at angles of %.1f° and %.1f°.",
                                angles[0], angles[1])));
    }

    private Map<String, Object> plain(Figures figures) {
        Map<String, Object> values = variant(plain, Variant.PLAIN, "without skip connections", figures);
        values.put("run", adam("trains each", plain));
        values.put("versusAe", compared(plain.metrics().testLoss(), ae.metrics().testLoss()));
        values.put(
                "losses",
                figures.apply(
                        Prob6Figures.LOSSES,
                        String.format(
                                "Losses of the four variants. After the last epoch the test loss is %s for plain, %s for skip, %s for noisy and %s for skip-noisy.",
                                mse(plain.lastEpoch().testLoss()),
                                mse(skip.lastEpoch().testLoss()),
                                mse(noisy.lastEpoch().testLoss()),
                                mse(skipNoisy.lastEpoch().testLoss()))));
        return values;
    }

    private static Map<String, Object> variant(
            FinishedRun<Prob6.Metrics> run, Variant variant, String described, Figures figures) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", run.model());
        values.put("testMse", mse(run.metrics().testLoss()));
        values.put("learned", Words.learned(run.metrics().embedding()));
        values.put("described", Words.described(run.metrics().embedding()));
        values.put(
                "reconstructions",
                figures.apply(
                        Prob6Figures.reconstructions(variant),
                        "The first test images and their reconstructions " + described
                                + ". Over all test images the error is "
                                + mse(run.metrics().testLoss()) + " per pixel."));
        values.put(
                "embedding",
                figures.apply(
                        Prob6Figures.embedding(variant),
                        embeddingCaption(described, run.metrics().embedding())));
        return values;
    }

    private static Map<String, Object> row(String name, FinishedRun<Prob6.Metrics> run) {
        EmbeddingQuality embedding = run.metrics().embedding();
        return Map.of(
                "name",
                name,
                "trainMse",
                mse(run.lastEpoch().trainLoss()),
                "testMse",
                mse(run.metrics().testLoss()),
                "inputMse",
                run.metrics().inputLoss() == 0 ? "0" : mse(run.metrics().inputLoss()),
                "neighbours",
                percent(embedding.nearestNeighbourAccuracy(), 1),
                "silhouette",
                Words.number(embedding.silhouette(), 3),
                "overlaps",
                embedding.overlapsInWords());
    }

    private Map<String, Object> skips() {
        double with = skip.metrics().testLoss();
        double without = plain.metrics().testLoss();
        String why = with < without
                ? "What the poolings hand over tells where the strokes are; the decoder does not have to guess it from two numbers. So it shows how well the image is passed on, not that the code is better."
                : "The connections do not help here.";
        boolean blinder = neighbours(skip) < neighbours(plain);
        return Map.of(
                "reconstructions",
                        String.format(
                                "With skip connections the test error is %s, %s than the %s without. %s",
                                mse(with), compared(with, without), mse(without), why),
                "embeddings",
                        String.format(
                                "With skip connections the 10-NN accuracy is %s instead of %s, %s. %s",
                                percent(neighbours(skip), 1),
                                percent(neighbours(plain), 1),
                                points(neighbours(skip), neighbours(plain)),
                                blinder
                                        ? "What goes around the two numbers need not go through them, so the loss no longer makes them tell the digits apart."
                                        : "The two numbers tell the digits apart no worse, although the image could go around them."),
                "losses", losses());
    }

    private String losses() {
        String speed = skip.firstEpoch().trainLoss() < plain.lastEpoch().trainLoss()
                ? " With them the loss is lower in the first epoch than without them in the last."
                : "";
        double most = Math.max(excess(plain), excess(skip));
        String overfitting = most <= 0
                ? "The test losses are not above the training losses: there is no sign of overfitting."
                : String.format("The test losses are up to %.0f %% above the training losses.", 100 * most);
        return String.format(
                "Averaged over the first epoch the training loss is %s with skip connections and %s without, over the last %s and %s.%s %s",
                mse(skip.firstEpoch().trainLoss()),
                mse(plain.firstEpoch().trainLoss()),
                mse(skip.lastEpoch().trainLoss()),
                mse(plain.lastEpoch().trainLoss()),
                speed,
                overfitting);
    }

    /** Returns by how much the last test loss exceeds the training loss, as a share of the latter. */
    private static double excess(FinishedRun<?> run) {
        return run.lastEpoch().testLoss() / run.lastEpoch().trainLoss() - 1;
    }

    private Map<String, Object> noise() {
        double without = noisy.metrics().testLoss();
        double with = skipNoisy.metrics().testLoss();
        return Map.of(
                "deviation",
                number(noisy.option("noise")),
                "inputMse",
                mse(noisy.metrics().inputLoss()),
                "without",
                denoised("without", noisy, plain, "6.1"),
                "with",
                denoised("with", skipNoisy, skip, "6.2"),
                "between",
                String.format(
                        "The error with skip connections is thus %s than without. %s",
                        compared(with, without),
                        with < without
                                ? "The network with them follows the strokes of the very image it is given; the one without draws what is typical of a place in the plane: free of noise, but blurred, and not always the right digit."
                                : "The poolings hand over noise along with the image."),
                "losses",
                noisyLosses(),
                "embeddings",
                String.format(
                        "With noise the 10-NN accuracy is %s without skip connections (%s than for the network of 6.1 on clean images) and %s with them (%s than for that of 6.2). %s",
                        percent(neighbours(noisy), 1),
                        points(neighbours(noisy), neighbours(plain)),
                        percent(neighbours(skipNoisy), 1),
                        points(neighbours(skipNoisy), neighbours(skip)),
                        neighbours(noisy) > neighbours(skipNoisy)
                                ? "The digits are told apart better where the two numbers are all that the decoder has."
                                : "Here the digits are not told apart better without skip connections."));
    }

    private String noisyLosses() {
        double without = noisy.lastEpoch().trainLoss() / plain.lastEpoch().trainLoss();
        double with = skipNoisy.lastEpoch().trainLoss() / skip.lastEpoch().trainLoss();
        return String.format(
                "The training losses of the last epoch are %s without and %s with skip connections, %.1f and %.1f times those on clean images%s.",
                mse(noisy.lastEpoch().trainLoss()),
                mse(skipNoisy.lastEpoch().trainLoss()),
                without,
                with,
                with > without ? ": noise costs more where it, too, can go around the bottleneck" : "");
    }

    private static String denoised(
            String connections, FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> clean, String problem) {
        Prob6.Metrics metrics = run.metrics();
        return String.format(
                "The network %s skip connections has a test error of %s, %s than that of its input and %s than that of %s on clean images.",
                connections,
                mse(metrics.testLoss()),
                compared(metrics.testLoss(), metrics.inputLoss()),
                compared(metrics.testLoss(), clean.metrics().testLoss()),
                problem);
    }

    private static Map<String, Object> circumstances(FinishedRun<?> run) {
        return Map.of(
                "model",
                run.model(),
                "epochs",
                run.record().epochs().size(),
                "batchSize",
                number(run.option("batchSize")),
                "lr",
                number(run.option("lr")),
                "seed",
                number(run.option("seed")),
                "seconds",
                String.format(
                        "%.0f",
                        run.record().epochs().stream()
                                .mapToDouble(epoch -> epoch.seconds())
                                .sum()),
                "device",
                run.record().device(),
                "threads",
                run.record().threads(),
                "libtorch",
                run.record().versions().libtorch(),
                "java",
                run.record().versions().java());
    }

    private static String course(FinishedRun<?> run) {
        return String.format(
                "the test loss is %s after the first epoch and %s after the last.",
                mse(run.firstEpoch().testLoss()), mse(run.lastEpoch().testLoss()));
    }

    private static String embeddingCaption(String described, EmbeddingQuality embedding) {
        return String.format(
                "Embedding of test images %s: the 10-NN accuracy is %s.",
                described, percent(embedding.nearestNeighbourAccuracy(), 1));
    }

    private static String adam(String does, FinishedRun<?> run) {
        return String.format(
                "Adam %s for %d epochs%s with a learning rate of %s and batches of %.0f.",
                does, run.record().epochs().size(), run.trainSize(), number(run.option("lr")), run.option("batchSize"));
    }

    private static double neighbours(FinishedRun<Prob6.Metrics> run) {
        return run.metrics().embedding().nearestNeighbourAccuracy();
    }

    private static String mse(double loss) {
        return String.format("%.4f", loss);
    }

    /** Writes a setting as short as it is: 0.001, 128. */
    static String number(double value) {
        return new java.math.BigDecimal(Double.toString(value))
                .stripTrailingZeros()
                .toPlainString();
    }
}
