package mnist.report;

import static mnist.report.Words.percent;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.LinearMetrics;
import mnist.evaluation.Reconstructions;
import mnist.figures.EmbeddingPlot;
import mnist.prob4.Prob4Figures;
import mnist.prob4.Window;
import mnist.prob5.Corruption;
import mnist.prob5.Prob5Figures;
import mnist.prob6.Prob6Figures;
import mnist.prob6.Variant;
import mnist.study.FilterEdge;
import mnist.study.LatentAxes;
import mnist.study.RecordedMetrics;
import mnist.study.StudyFigures;
import mnist.system.UserError;

/** The values and sentences of the report's template, from the records of the runs. */
record ReportValues(
        FinishedRun<RecordedMetrics.OfClassifier> cnn,
        FinishedRun<RecordedMetrics.OfAutoencoder> ae,
        FinishedRun<RecordedMetrics.OfVariant> plain,
        FinishedRun<RecordedMetrics.OfVariant> skip,
        FinishedRun<RecordedMetrics.OfVariant> noisy,
        FinishedRun<RecordedMetrics.OfVariant> skipNoisy) {
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

    /** @param shown what the saved autoencoders do with the first test images, by their names */
    Map<String, Object> values(Figures figures, Map<String, ShownNetwork> shown) {
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
        Set<String> said = new HashSet<>();
        values.put("ae", autoencoder(figures, shown, said));
        values.put("linear", linear(figures));
        ae.metrics().embedding().overlaps().forEach(overlap -> said.add(Words.pair(overlap)));
        values.put("plain", plain(figures, said, shown));
        values.put("skip", variant(skip, Variant.SKIP, "with skip connections", figures, said, shown));
        Map<String, Object> skips = variants().skips();
        values.put("skips", skips);
        values.put(
                "noisy",
                variant(noisy, Variant.NOISY, "without skip connections, on noisy images", figures, said, shown));
        values.put(
                "skipNoisy",
                variant(skipNoisy, Variant.SKIP_NOISY, "with skip connections, on noisy images", figures, said, shown));
        values.put("noise", variants().noise(skips));
        values.put("looks", VariantValues.looks(skip, plain, shown));
        values.put("noisyLooks", VariantValues.looks(skipNoisy, noisy, shown));
        values.put("shown", variants().shown(shown));
        values.put("shownSeed", plain.ofSeed());
        values.put("variants", variants().rows());
        values.put("tests", variants().tests());
        values.put("seeds", variants().seeds());
        values.put(
                "runs",
                Map.of(
                        "dataset",
                        cnn.record().dataset().name(),
                        "sha256",
                        cnn.record().dataset().sha256(),
                        "origins",
                        origins(),
                        "versions",
                        versions(),
                        "models",
                        runs().stream().map(ReportValues::circumstances).toList()));
        return values;
    }

    /** Returns the machines that computed the runs and the commits they were built of, as far as the records name them. */
    private String origins() {
        return runs().stream()
                .map(FinishedRun::record)
                .filter(record -> record.machine() != null)
                .map(record -> " on " + record.machine()
                        + (record.versions().commit() == null
                                ? ""
                                : ", commit " + record.versions().commit()))
                .distinct()
                .collect(Collectors.joining(" and"));
    }

    /** Returns what the runs were computed with: the same for all, or all that there was. */
    private String versions() {
        return runs().stream()
                .map(FinishedRun::record)
                .map(record -> String.format(
                        "%s, %d %s, libtorch %s, Java %s",
                        record.device(),
                        record.threads(),
                        record.threads() == 1 ? "thread" : "threads",
                        record.versions().libtorch(),
                        record.versions().java()))
                .distinct()
                .collect(Collectors.joining(" and "));
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
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "run",
                String.format(
                        "The network was trained for %s%s by stochastic gradient descent with a learning rate of %s, a momentum of %s and batches of %.0f%s.%s",
                        epochs(cnn),
                        cnn.trainSize(),
                        number(cnn.option("lr")),
                        number(cnn.option("momentum")),
                        cnn.option("batchSize"),
                        isAsProvided() ? ", as in the provided code" : "",
                        cnn.overSeeds()));
        values.put("testLoss", VariantValues.mse(cnn.measured(RecordedMetrics.OfClassifier::testLoss)));
        values.put("accuracy", accuracy(matrix));
        List<Integer> byRecall = IntStream.range(0, matrix.counts().length)
                .boxed()
                .filter(digit -> matrix.size(digit) > 0)
                .sorted(Comparator.comparingDouble(matrix::recall))
                .toList();
        values.put(
                "worst",
                Words.list(byRecall.stream()
                        .limit(2)
                        .map(digit -> recall(matrix, digit))
                        .toList()));
        values.put("best", recall(matrix, byRecall.get(byRecall.size() - 1)));
        ConfusionValues confusions = ConfusionValues.of(cnn);
        values.put("confused", confusions.confused());
        values.put("confusions", confusions.rows());
        values.put("picked", confusions.picked());
        values.put("test", confusions.test());
        values.put("comment", confusions.comment());
        values.put("edges", ConfusionValues.filters(cnn));
        values.put(
                "responses",
                figures.apply(
                        StudyFigures.RESPONSES,
                        "The responses of the 40 filters to the first test image, before pooling and ReLU: red above zero, blue below. A stroke is red where it covers mainly positive weights, and blue where it covers mainly negative ones; the colour of the empty background is the filter's bias."));
        values.put(
                "filters",
                figures.apply(
                        Prob4Figures.FILTERS,
                        String.format(
                                "The 40 filters of the first convolution%s, separated by grey lines; white is a weight of zero. The rows name the first and the last of their filters. By the text's measure %d of them are edge detectors.",
                                cnn.ofSeed(),
                                cnn.metrics().edges().stream()
                                        .filter(FilterEdge::isDetector)
                                        .count())));
        values.put("loss", figures.apply(Prob4Figures.LOSS, losses("the classifier", cnn)));
        values.put(
                "matrix",
                figures.apply(
                        Prob4Figures.CONFUSION,
                        String.format(
                                "Confusion matrix of the test images%s, of which %d are taken for another digit, with examples of its most frequent confusions.",
                                cnn.ofSeed(), Math.round(matrix.total() * (1 - matrix.accuracy())))));
        return values;
    }

    /** Returns whether the classifier was trained as the exercise's code does. */
    private boolean isAsProvided() {
        return cnn.record().epochs().size() == 5
                && cnn.trainSize().isEmpty()
                && cnn.option("batchSize") == 64
                && cnn.option("lr") == 0.01
                && cnn.option("momentum") == 0.5;
    }

    private String accuracy(ConfusionMatrix matrix) {
        String interval = String.format(
                "95 %% interval %s to %s after Wilson, 1927",
                percent(cnn.metrics().accuracyInterval().low(), 2),
                percent(cnn.metrics().accuracyInterval().high(), 2));
        String one = percent(cnn.metrics().accuracy(), 2);
        return cnn.seeds().size() == 1
                ? String.format(
                        "%s of the %,d test images are classified correctly (%s).", one, matrix.total(), interval)
                : String.format(
                        "%s of the %,d test images are classified correctly. With seed %d, whose errors \\ref{prob4-confusion-matrix} shows, the accuracy is %s (%s).",
                        VariantValues.share(cnn.measured(RecordedMetrics.OfClassifier::accuracy), 2),
                        matrix.total(),
                        cnn.firstSeed(),
                        one,
                        interval);
    }

    private static String recall(ConfusionMatrix matrix, int digit) {
        return digit + " (" + percent(matrix.recall(digit), 1) + ")";
    }

    private Map<String, Object> autoencoder(Figures figures, Map<String, ShownNetwork> shown, Set<String> said) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", ae.model());
        values.put("run", adam("trains it", ae) + ae.overSeeds());
        values.put("deviation", number(Corruption.STD));
        values.put("points", Corruption.POINTS);
        values.put("testMse", VariantValues.mse(ae.measured(RecordedMetrics.OfAutoencoder::testLoss)));
        values.put(
                "versusPca",
                Comparison.ofLosses(
                                ae.measured(RecordedMetrics.OfAutoencoder::testLoss),
                                ae.measured(m -> m.linear().pcaTestLoss()))
                        .saysWithInterval("It", "that of the two principal components"));
        values.put("axes", LatentValues.axes(axes(ae, RecordedMetrics.OfAutoencoder::axes)));
        values.put("planes", LatentValues.planes(ae, plain));
        List<EmbeddingQuality> embeddings =
                ae.seeds().stream().map(seed -> seed.metrics().embedding()).toList();
        embedding(values, embeddings, said);
        ShownNetwork network = shown.get(ae.model());
        values.put("failures", network.recognized().words());
        values.put("groups", LatentValues.groups(axes(ae, RecordedMetrics.OfAutoencoder::axes)));
        values.put(
                "features",
                LatentValues.rows(
                        axes(ae, RecordedMetrics.OfAutoencoder::axes),
                        axes(plain, m -> m.measurements().axes())));
        values.put("regions", network.regions().words());
        values.put("pairs", Words.confused(ae.metrics().embedding()));
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
                        reconstructions(
                                "by the autoencoder" + ae.ofSeed(),
                                ae.metrics().testLoss(),
                                ae.metrics().errors())));
        values.put("loss", figures.apply(Prob5Figures.LOSS, losses("the autoencoder", ae)));
        values.put(
                "embedding",
                figures.apply(
                        Prob5Figures.EMBEDDING,
                        embeddingCaption("by the autoencoder" + ae.ofSeed(), embeddings)
                                + inPrint(
                                        "Each digit's number stands at the median of its images. The small panels, which are also the key to the colours, show each digit before all others in grey, on the same axes. Points outside the axes are not drawn; the title gives their number.")));
        values.put(
                "plane",
                figures.apply(
                        StudyFigures.LATENT_PLANE,
                        "Images decoded from a 12 × 12 grid in the plane: to the right the first latent coordinate, upwards the second, both at quantiles of the test images. Neighbouring points mostly decode to similar shapes."));
        return values;
    }

    private static <M> List<LatentAxes> axes(FinishedRun<M> run, Function<M, LatentAxes> axes) {
        return run.seeds().stream().map(seed -> axes.apply(seed.metrics())).toList();
    }

    private Map<String, Object> linear(Figures figures) {
        LinearMetrics linear = ae.metrics().linear();
        double[] eigenvalues = linear.eigenvalues();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pca", String.format("%.5f", linear.pcaTestLoss()));
        values.put("ae", ae.measured(m -> m.linear().testLoss()).format("%.5f"));
        values.put("epochs", linear.epochs());
        values.put("lr", number(linear.lr()));
        values.put("batch", number(ae.option("batchSize")));
        values.put("first", ae.measured(m -> m.linear().angles()[0]).format("%.1f"));
        values.put("second", ae.measured(m -> m.linear().angles()[1]).format("%.1f"));
        values.put(
                "eigenvalues",
                String.format(
                        "\\(\\lambda_1 = %.2f\\), \\(\\lambda_2 = %.2f\\) and \\(\\lambda_3 = %.2f\\)",
                        eigenvalues[0], eigenvalues[1], eigenvalues[2]));
        values.put("unique", unique(eigenvalues[1], eigenvalues[2]));
        values.put(
                "seeds",
                ae.seeds().size() == 1
                        ? ""
                        : String.format(" over %d seeds", ae.seeds().size()));
        values.put(
                "comment",
                ae.seeds().stream().allMatch(seed -> seed.metrics().linear().angles()[1] < 5)
                        ? "The planes nearly coincide; whether longer training would close the rest was not tested."
                        : "Training has not converged yet.");
        values.put(
                "figure",
                figures.apply(
                        Prob5Figures.PCA,
                        String.format(
                                "PCA and a linear autoencoder%s: reconstructions of the same images, and those of the first %,d test images in the coordinates of the principal axes. The two planes enclose angles of %.1f° and %.1f°.",
                                ae.ofSeed(), EmbeddingPlot.MOST_POINTS, linear.angles()[0], linear.angles()[1])));
        return values;
    }

    /** Says whether the plane of the first two components is the only best one. */
    private static String unique(double second, double third) {
        return second > third
                ? String.format(
                        "\\(\\lambda_2\\) is %.0f %% above \\(\\lambda_3\\), so that the plane of the first two components is unique",
                        100 * (second / third - 1))
                : "\\(\\lambda_2\\) is not above \\(\\lambda_3\\), so that the plane of the first two components is not unique";
    }

    private Map<String, Object> plain(Figures figures, Set<String> said, Map<String, ShownNetwork> shown) {
        Map<String, Object> values = variant(plain, Variant.PLAIN, "without skip connections", figures, said, shown);
        values.put(
                "common",
                Words.alwaysConfused(ae.metrics().embedding(), plain.metrics().embedding()));
        values.put("failures", shown.get(plain.model()).recognized().words());
        values.put("run", adam("trains each", plain));
        values.put(
                "versusAe",
                Comparison.ofLosses(
                                plain,
                                seed -> seed.metrics().testLoss(),
                                ae,
                                seed -> seed.metrics().testLoss())
                        .saysWithInterval(
                                "The test error of plain",
                                "that of the fully connected autoencoder, which has 28 times the parameters"));
        values.put(
                "axes",
                LatentValues.axes(
                        axes(plain, m -> m.measurements().axes()), axes(ae, RecordedMetrics.OfAutoencoder::axes)));
        values.put(
                "losses",
                figures.apply(Prob6Figures.LOSSES, losses("the four variants", plain, skip, noisy, skipNoisy)));
        values.put(
                "residuals",
                figures.apply(
                        StudyFigures.RESIDUALS,
                        "Reconstructions of the four variants less the clean images"
                                + plain.ofSeed()
                                + ": red is too much ink, blue too little. Plain and skip are given clean images. The root mean square over all test images is "
                                + Words.list(Stream.of(plain, skip, noisy, skipNoisy)
                                        .map(run -> String.format(
                                                "%.2f for %s",
                                                Math.sqrt(run.metrics().testLoss()), VariantValues.name(run)))
                                        .toList())
                                + "."));
        values.put(
                "noiseFigure",
                figures.apply(
                        StudyFigures.NOISE,
                        "Test error of the four variants on the first 2,000 test images as a function of the standard deviation of their input's noise (log scale)"
                                + bands(plain) + ". " + variants().better()));
        return values;
    }

    private static Map<String, Object> variant(
            FinishedRun<RecordedMetrics.OfVariant> run,
            Variant variant,
            String described,
            Figures figures,
            Set<String> said,
            Map<String, ShownNetwork> shown) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("model", run.model());
        values.put("testMse", VariantValues.mse(run.measured(RecordedMetrics.OfVariant::testLoss)));
        List<EmbeddingQuality> embeddings =
                run.seeds().stream().map(seed -> seed.metrics().embedding()).toList();
        embedding(values, embeddings, said);
        values.put("regions", shown.get(run.model()).regions().words());
        values.put(
                "pairs",
                Words.newlyConfused(VariantValues.name(run), run.metrics().embedding(), said));
        values.put(
                "reconstructions",
                figures.apply(
                        Prob6Figures.reconstructions(variant),
                        reconstructions(
                                described + run.ofSeed(),
                                run.metrics().testLoss(),
                                run.metrics().measurements().errors())));
        values.put(
                "embedding",
                figures.apply(
                        Prob6Figures.embedding(variant),
                        embeddingCaption(described + run.ofSeed(), embeddings)
                                + inPrint("Drawn as \\ref{prob5-embedding}.")));
        return values;
    }

    /** @param said what was said of embeddings before; what is said of this one is added */
    private static void embedding(Map<String, Object> values, List<EmbeddingQuality> seeds, Set<String> said) {
        values.put("neighbours", VariantValues.share(Words.nearestNeighbourAccuracy(seeds)));
        values.put("silhouette", Words.number(Words.silhouettes(seeds), 3));
        String separation = Words.separation(seeds);
        values.put("separation", (said.add(separation) ? " " + separation : "") + Words.narrow(seeds.get(0)));
    }

    private VariantValues variants() {
        return new VariantValues(plain, skip, noisy, skipNoisy);
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
                Words.numbers(run.seeds().stream().map(FinishedRun.Seed::seed).toList()),
                "seconds",
                String.format(
                        "%.0f",
                        run.sample(seed -> seed.epochs().stream()
                                        .mapToDouble(epoch -> epoch.seconds())
                                        .sum())
                                .mean()));
    }

    /** Returns a sentence that the page for the screen leaves out, where embeddings are drawn in another way. */
    private static String inPrint(String sentence) {
        return " <span class=\"print\">" + sentence + "</span>";
    }

    private static String embeddingCaption(String described, List<EmbeddingQuality> seeds) {
        String shown = percent(seeds.get(0).nearestNeighbourAccuracy(), 1);
        return String.format(
                "Embedding of test images %s; its 10-NN accuracy is %s%s.",
                described,
                shown,
                seeds.size() == 1
                        ? ""
                        : ", that of all seeds " + VariantValues.share(Words.nearestNeighbourAccuracy(seeds)));
    }

    /** Describes a figure of losses, and says whether a test loss has risen again. */
    private static String losses(String of, FinishedRun<?>... runs) {
        List<FinishedRun<?>> all = List.of(runs);
        int trainings = all.stream().mapToInt(run -> run.seeds().size()).sum();
        long falling = all.stream().mapToLong(FinishedRun::lowestInTheLastEpoch).sum();
        return String.format(
                "Losses of %s in training and on the test images%s. %s",
                of,
                bands(runs[0]),
                trainings == 1
                        ? falling == 1
                                ? "The test loss is lowest after the last epoch."
                                : "The test loss was lower in an earlier epoch than in the last."
                        : String.format(
                                "The test loss is lowest after the last epoch in %d of %d trainings.",
                                falling, trainings));
    }

    private static String bands(FinishedRun<?> run) {
        return run.seeds().size() == 1
                ? ""
                : String.format(
                        "; means over %d seeds, in bands from the smallest to the largest",
                        run.seeds().size());
    }

    /** Describes the images that are shown, and how far the worst of them are from the average. */
    private static String reconstructions(String described, double mean, ImageErrors errors) {
        double worst = errors.largest().get(0).error();
        double least = errors.largest().get(errors.largest().size() - 1).error();
        return String.format(
                "Test images, with their digits above, and their reconstructions %s: the first, random ones (drawn with seed %d), and those with the largest error, which is %s to %s per pixel, %.1f to %.1f times the mean %s over all test images; the median is %s.",
                described,
                Reconstructions.RANDOM_SEED,
                mse(least),
                mse(worst),
                least / mean,
                worst / mean,
                mse(mean),
                mse(errors.median()));
    }

    private static String mse(double loss) {
        return String.format("%.4f", loss);
    }

    private static String epochs(FinishedRun<?> run) {
        int epochs = run.record().epochs().size();
        return epochs == 1 ? "one epoch" : epochs + " epochs";
    }

    private static String adam(String does, FinishedRun<?> run) {
        return String.format(
                "Adam %s for %s%s with a learning rate of %s and batches of %.0f.",
                does, epochs(run), run.trainSize(), number(run.option("lr")), run.option("batchSize"));
    }

    /** Writes a setting as short as it is: 0.001, 128. */
    static String number(double value) {
        return new java.math.BigDecimal(Double.toString(value))
                .stripTrailingZeros()
                .toPlainString();
    }
}
