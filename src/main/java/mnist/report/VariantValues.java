package mnist.report;

import static mnist.report.Comparison.effect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.Sample;
import mnist.figures.Figure;
import mnist.figures.LinePlot;
import mnist.report.Comparison.Case;
import mnist.report.FinishedRun.Seed;
import mnist.study.Ablations;
import mnist.study.Measurements;
import mnist.study.NoiseFilters;
import mnist.study.RecordedMetrics;

/** What problem 6 says of its variants: means over seeds, and the differences between them that are shown. */
record VariantValues(
        FinishedRun<RecordedMetrics.OfVariant> plain,
        FinishedRun<RecordedMetrics.OfVariant> skip,
        FinishedRun<RecordedMetrics.OfVariant> noisy,
        FinishedRun<RecordedMetrics.OfVariant> skipNoisy) {
    private static final String WITHOUT = "without skip connections";
    private static final String WITH = "with skip connections";
    private static final String SHUFFLED = ": shuffled / own codes";
    private static final double SAME = 1.1; // a ratio below which codes are called without effect

    /** Says how many seeds there are, and what is claimed of them. */
    String seeds() {
        int n = plain.seeds().size();
        if (n == 1)
            return "All results are of one seed. They describe this run: a difference between two variants may be due to the seed, and nothing is concluded from it.";
        return String.format(
                "Each variant was trained with %d seeds. Numbers are means ± standard deviations over them; losses are drawn as means in bands from the smallest to the largest. What is said of single images, digits and clouds is of the network of seed %s, which was saved. A difference is claimed only where p < 0.05 by Student's t, paired by seed, and where a table lists the comparison, after correction for all of its rows (Holm, 1979); elsewhere the text says that none is shown. Where the text says that something is so on average, no test was made. Intervals, in the tables and in the text, are 95 %% intervals that are not corrected for their number; they describe how trainings vary, all evaluated on the same test set.%s",
                n, plain.firstSeed(), n < 5 ? " With so few seeds they are wide." : "");
    }

    private Stream<FinishedRun<RecordedMetrics.OfVariant>> all() {
        return Stream.of(plain, skip, noisy, skipNoisy);
    }

    static String name(FinishedRun<?> run) {
        return run.record().options().get("variant").getAsString();
    }

    /** Returns the rows of the table of the variants. */
    List<Map<String, Object>> rows() {
        return all().map(VariantValues::row).toList();
    }

    private static Map<String, Object> row(FinishedRun<RecordedMetrics.OfVariant> run) {
        return Map.of(
                "name",
                name(run),
                "trainMse",
                mse(run.sample(seed -> seed.lastEpoch().trainLoss())),
                "testMse",
                mse(testLoss(run)),
                "inputMse",
                run.metrics().inputLoss() == 0 ? "0" : mse(run.measured(RecordedMetrics.OfVariant::inputLoss)),
                "neighbours",
                share(neighbours(run)),
                "silhouette",
                Words.number(run.measured(m -> m.embedding().silhouette()), 2));
    }

    /** Returns the rows of the table of the networks that are shown. */
    List<Map<String, Object>> shown(Map<String, ShownNetwork> shown) {
        return all().map(run -> Map.<String, Object>of(
                        "name",
                        name(run),
                        "other",
                        Words.percent(shown.get(run.model()).recognized().otherDigits(), 1),
                        "overlaps",
                        run.metrics().embedding().overlaps().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining(", ")),
                        "together",
                        shown.get(run.model()).regions().best(),
                        "scattered",
                        shown.get(run.model()).regions().least()))
                .toList();
    }

    /** Returns the rows of the table of what else was measured of each variant. */
    List<Map<String, Object>> tests() {
        double std = noisy.option("noise");
        return all().map(run -> Map.<String, Object>of(
                        "name", name(run),
                        "own", mse(testLoss(run)),
                        "shuffled", mse(run.measured(m -> m.measurements().shuffledCodesLoss())),
                        "input", mse(run.measured(m -> m.measurements().lossToInput())),
                        "clean", mse(at(run, 0)),
                        "noise", hasNoise(run, std) ? mse(at(run, std)) : "–",
                        "root", mse(at(run, Measurements.ROOT))))
                .toList();
    }

    /** Returns the sentences on skip connections and the table that they cite. */
    Map<String, Object> skips() {
        return ComparisonTable.filled(0, this::skips);
    }

    private void skips(ComparisonTable table, Map<String, Object> values) {
        Case losses = table.judge("", compare(skip, plain, VariantValues::testLoss), "test MSE: skip / plain");
        Case trainings = table.judge(
                "", compare(skip, plain, VariantValues::lastTrainLoss), "training loss, last epoch: skip / plain");
        Case embeddings = table.judge("", separated(skip, plain), "10-NN accuracy: skip − plain");
        values.put(
                "reconstructions",
                losses.concluded(
                        "With skip connections the images are sharp and close to the originals, even those with the largest error; without them they are blurred, and sometimes of another digit. The outputs of the poolings hold where the strokes are, and the decoder computes the image from them. The smaller error measures how well the image is passed on; of the code it says nothing.",
                        "The connections do not help here."));
        values.put(
                "embeddings",
                embeddings.concluded(
                        "What is passed on by the connections need not be in the code, and the loss hardly depends on the code.",
                        "The codes separate the digits better with skip connections, although these pass the image on."));
        Comparison speed = Comparison.ofLosses(
                skip,
                (Seed<RecordedMetrics.OfVariant> seed) -> seed.firstEpoch().trainLoss(),
                plain,
                (Seed<RecordedMetrics.OfVariant> seed) -> seed.lastEpoch().trainLoss());
        values.put(
                "losses",
                table.judge("", speed, "training loss: skip, first epoch / plain, last epoch")
                                .says("The training loss of skip in its first epoch", "that of plain in its last")
                        + "."
                        + progress());
        Codes codes = codes(table, plain, skip);
        values.put("codes", codes.words());
        values.put(
                "answer",
                String.format(
                        "With skip connections %s.%s",
                        states(losses, trainings, embeddings),
                        codes.unused()
                                ? " The decoder computes the image from what the connections pass on, and hardly uses the code."
                                : ""));
        withNoise(table, losses, embeddings, values);
    }

    /** Adds the sentences on what skip connections change with noise. */
    private void withNoise(ComparisonTable table, Case losses, Case embeddings, Map<String, Object> values) {
        Case noisyLosses =
                table.judge("", compare(skipNoisy, noisy, VariantValues::testLoss), "test MSE: skip-noisy / noisy");
        Case noisyTrainings = table.judge(
                "",
                compare(skipNoisy, noisy, VariantValues::lastTrainLoss),
                "training loss, last epoch: skip-noisy / noisy");
        Case noisyEmbeddings = table.judge("", separated(skipNoisy, noisy), "10-NN accuracy: skip-noisy − noisy");
        boolean same = losses.alike(noisyLosses) && embeddings.alike(noisyEmbeddings);
        values.put(
                "noisyAnswer",
                String.format(
                        "%s %s.",
                        same
                                ? "With noise, skip connections act in the same direction as without it:"
                                : "On noisy images, with skip connections",
                        states(noisyLosses, noisyTrainings, noisyEmbeddings)));
        values.put(
                "noisyReconstructions",
                noisyLosses.concluded(
                        "With skip connections the reconstruction follows the strokes of the image that was given, but faint ones are interrupted; without them it is free of noise, but it is an image typical of a place in the plane: blurred, and sometimes of another digit. The residuals without skip connections are whole strokes, too much or missing; with them they are lines and spots along the strokes.",
                        "The poolings pass on noise along with the image."));
        values.put(
                "noisyEmbeddings",
                noisyEmbeddings.concluded(
                        "Yes, they differ: with skip connections the embedding separates the digits less"
                                + noisyEmbeddings.cited() + ".",
                        "Yes, they differ: with skip connections the embedding separates the digits better"
                                + noisyEmbeddings.cited() + "."));
        values.put("noisyCodes", codes(table, noisy, skipNoisy).words());
    }

    private static String states(Case losses, Case trainings, Case embeddings) {
        return Words.list(List.of(
                losses.states("the test error"),
                trainings.states("the training loss of the last epoch"),
                embeddings.states("the 10-NN accuracy of the embedding")));
    }

    /** Ends a sentence, and adds another where there is one. */
    private static String sentence(String first, String second) {
        return second.isEmpty() ? first + "." : first + ". " + second;
    }

    /** @param unused whether the decoder with skip connections is shown to hardly use its code */
    private record Codes(String words, boolean unused) {}

    /** Says what becomes of the error where each image is decoded with the code of another. */
    private static Codes codes(
            ComparisonTable table,
            FinishedRun<RecordedMetrics.OfVariant> plain,
            FinishedRun<RecordedMetrics.OfVariant> skip) {
        Case without = table.judge(WITHOUT, againstOwnCodes(plain), "test MSE of " + name(plain) + SHUFFLED);
        Case with = table.judge(WITH, againstOwnCodes(skip), "test MSE of " + name(skip) + SHUFFLED);
        boolean several = skip.seeds().size() > 1;
        boolean unused = several && Math.exp(with.comparison().difference().high()) < SAME;
        String conclusion = !several
                ? ""
                : unused
                        ? "With skip connections the decoder hardly uses the code."
                        : with.comparison().isHigher()
                                ? little(without, with)
                                        ? "With skip connections the decoder uses the code only a little."
                                        : "So the code matters with skip connections, too."
                                : "Whether the code matters with skip connections is not shown.";
        String effect = effectInBoth("Decoding each image with the code of another", "the error", without, with);
        return new Codes(sentence(effect, conclusion), unused);
    }

    /** Returns whether exchanged codes raise the error, on a log scale, by less than a quarter of what they do without. */
    private static boolean little(Case without, Case with) {
        return with.comparison().difference().mean()
                < without.comparison().difference().mean() / 4;
    }

    private static Comparison againstOwnCodes(FinishedRun<RecordedMetrics.OfVariant> run) {
        return compare(run, VariantValues::shuffled, VariantValues::testLoss);
    }

    /** Says how far the training losses still fall in the second half, and how far the seeds are apart at the end. */
    private String progress() {
        int half = plain.record().epochs().size() / 2;
        if (half < 1) return "";
        String range = plain.seeds().size() == 1
                ? ""
                : String.format(
                        " At the end the largest of the seeds is %.2f times the smallest for skip and %.2f times for plain.",
                        spread(skip), spread(plain));
        return String.format(
                " From epoch %d to epoch %d the mean loss of plain %s, that of skip %s.%s%s",
                half,
                plain.record().epochs().size(),
                falls(plain, half),
                falls(skip, half),
                range,
                all().allMatch(run -> run.lowestInTheLastEpoch() == run.seeds().size())
                        ? " As no test loss has risen again, the networks would probably gain from more epochs; what is said of losses is for these."
                        : "");
    }

    private static String falls(FinishedRun<RecordedMetrics.OfVariant> run, int half) {
        double ratio = lastTrainLoss(run).mean()
                / run.sample(seed -> seed.epochs().get(half - 1).trainLoss()).mean();
        return (ratio < 1 ? "falls by " : "rises by ") + Words.percent(Math.abs(1 - ratio), 0);
    }

    private static double spread(FinishedRun<RecordedMetrics.OfVariant> run) {
        double[] losses = lastTrainLoss(run).values();
        return DoubleStream.of(losses).max().orElseThrow()
                / DoubleStream.of(losses).min().orElseThrow();
    }

    /** Says how many reconstructions of two networks are recognized as another digit. */
    static String looks(FinishedRun<?> one, FinishedRun<?> other, Map<String, ShownNetwork> shown) {
        RecognizedDigits first = shown.get(one.model()).recognized();
        return String.format(
                "Of the reconstructions of %s %s are recognized as another digit, of those of %s %s, and of the originals %s (\\ref{shown}).",
                name(one),
                Words.percent(first.otherDigits(), 1),
                name(other),
                Words.percent(shown.get(other.model()).recognized().otherDigits(), 1),
                Words.percent(first.otherDigitsOfOriginals(), 1));
    }

    /**
     * Returns the sentences on noise and the table that they cite.
     *
     * @param skips the values on skip connections, whose table's rows are numbered before
     */
    Map<String, Object> noise(Map<String, Object> skips) {
        return ComparisonTable.filled(((List<?>) skips.get("rows")).size(), this::noise);
    }

    private void noise(ComparisonTable table, Map<String, Object> values) {
        double std = noisy.option("noise");
        values.put("before", table.before());
        values.put("deviation", ReportValues.number(std));
        values.put("inputMse", mse(noisy.measured(RecordedMetrics.OfVariant::inputLoss)));
        values.put("denoised", denoised(table));
        values.put("costs", costs(table));
        values.put("corrupted", corrupted());
        values.put("tested", tested(table, std));
        values.put("levels", levels());
        values.put("filters", filters(table));
        values.put("embeddings", noisyEmbeddings(table));
        values.put("baselines", baselines());
        values.put("root", String.format("%.3f", Measurements.ROOT));
        values.put(
                "variance",
                String.format(
                        "If %s were the variance, σ would be %.3f and the input's error %s; the last column of \\ref{tests} has the errors there of the networks that were trained with σ = %s.",
                        ReportValues.number(std),
                        Measurements.ROOT,
                        mse(noisy.measured(
                                m -> m.measurements().at(Measurements.ROOT).inputLoss())),
                        ReportValues.number(std)));
    }

    private String denoised(ComparisonTable table) {
        return effectInBoth(
                        "Reconstruction",
                        "the error of the input",
                        table.judge(WITHOUT, againstInput(noisy), "test MSE: noisy / its input"),
                        table.judge(WITH, againstInput(skipNoisy), "test MSE: skip-noisy / its input"))
                + ".";
    }

    private static Comparison againstInput(FinishedRun<RecordedMetrics.OfVariant> run) {
        return compare(run, VariantValues::testLoss, r -> r.measured(RecordedMetrics.OfVariant::inputLoss));
    }

    /** Says what noise costs without and with skip connections, and in which more. */
    private String costs(ComparisonTable table) {
        Quantity test = VariantValues::testLoss;
        Quantity training = VariantValues::lastTrainLoss;
        String tests = effectOfNoise(table, "Noise in training and test", "the test error", test, "test MSE");
        Case cost = table.judge("", quotient(test), "quotient of the two ratios above");
        String trainings = effectOfNoise(
                table, "It", "the training loss of the last epoch", training, "training loss, last epoch");
        Case trainingCost = table.judge("", quotient(training), "quotient of the two ratios above");
        return String.format(
                "%s. %s.%s",
                tests,
                trainings,
                cost.comparison().isHigher() && trainingCost.comparison().isHigher()
                        ? String.format(
                                " With skip connections, through which noise also reaches the decoder, it raises the test error by a factor that is %s times as large as without them%s, and the training loss by one that is %s times as large%s.",
                                ratio(cost), cost.cited(), ratio(trainingCost), trainingCost.cited())
                        : "");
    }

    private static String ratio(Case comparison) {
        return String.format(
                "%.1f", Math.exp(comparison.comparison().difference().mean()));
    }

    /** Compares what noise multiplies a loss by with skip connections, and without them. */
    private Comparison quotient(Quantity loss) {
        return Comparison.ofLosses(ratio(loss, skipNoisy, skip), ratio(loss, noisy, plain));
    }

    private static Sample ratio(
            Quantity loss, FinishedRun<RecordedMetrics.OfVariant> run, FinishedRun<RecordedMetrics.OfVariant> clean) {
        double[] noise = loss.of(run.withSeedsOf(clean)).values();
        double[] without = loss.of(clean.withSeedsOf(run)).values();
        return new Sample(IntStream.range(0, noise.length)
                .mapToDouble(i -> noise[i] / without[i])
                .toArray());
    }

    private String noisyEmbeddings(ComparisonTable table) {
        Case without = table.judge(WITHOUT, separated(noisy, plain), "10-NN accuracy: noisy − plain");
        Case with = table.judge(WITH, separated(skipNoisy, skip), "10-NN accuracy: skip-noisy − skip");
        return effectInBoth("Noise in training and test", "the 10-NN accuracy", without, with) + "."
                + ofTheSeedShown(without.comparison());
    }

    /** Warns of the figures where the seed that they show differs from the mean of all. */
    private String ofTheSeedShown(Comparison difference) {
        double shown = neighbours(noisy).values()[0] - neighbours(plain).values()[0];
        boolean typical = shown >= difference.difference().low()
                && shown <= difference.difference().high();
        if (difference.isClear() || typical) return "";
        return String.format(
                " The difference of %s points between noisy and plain of seed %d, which the figures show, is not typical of the seeds.",
                Words.number(100 * shown, 1), noisy.firstSeed());
    }

    /** Says what effect something has without and with skip connections. */
    private static String effectInBoth(String cause, String quantity, Case without, Case with) {
        return effect(cause, quantity, without, with).replaceFirst("(skip connections.*?)skip connections", "$1them");
    }

    private String corrupted() {
        return String.format(
                "Against the <i>corrupted</i> image, which was the input, the error is %s for noisy and %s for skip-noisy. A reconstruction equal to the clean image would have the noise's mean square, %s, and one equal to its input 0: this error by itself is no measure of quality. But it shows how much of the noise is passed on linearly. With the residual \\(r\\), the reconstruction minus the clean image, \\(\\mathbb{E} (r - \\epsilon)^2 = \\mathbb{E} r^2 + \\mathbb{E} \\epsilon^2 - 2\\,\\mathbb{E}\\, r \\epsilon\\), and the share \\(\\mathbb{E}\\, r \\epsilon / \\mathbb{E} \\epsilon^2\\) of the noise that is passed on linearly is %s for noisy and %s for skip-noisy.%s",
                mse(noisy.measured(m -> m.measurements().lossToInput())),
                mse(skipNoisy.measured(m -> m.measurements().lossToInput())),
                mse(noisy.measured(RecordedMetrics.OfVariant::inputLoss)),
                share(passedOn(noisy), 2),
                share(passedOn(skipNoisy), 2),
                linear());
    }

    /** Says how much of what noise costs with skip connections is passed on linearly. */
    private String linear() {
        double std = noisy.option("noise");
        if (!hasNoise(skipNoisy, std)) return "";
        double share = passedOn(skipNoisy).mean();
        return String.format(
                " In the error of skip-noisy that is %.4f of the %.4f by which it is larger on noisy than on clean images (\\ref{tests}); the rest is noise that is passed on in other ways, and detail that is lost with it.",
                share * share * std * std,
                at(skipNoisy, std).mean() - at(skipNoisy, 0).mean());
    }

    /** Returns the regression coefficient of the residuals on the noise. */
    private static Sample passedOn(FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.measured(
                m -> (m.testLoss() + m.inputLoss() - m.measurements().lossToInput()) / (2 * m.inputLoss()));
    }

    /** Compares training on noisy with training on clean images, on inputs of both kinds. */
    private String tested(ComparisonTable table, double std) {
        if (!hasNoise(plain, std)) return "";
        String at = "MSE on input with σ = " + ReportValues.number(std);
        return String.format(
                "%s. %s.",
                effectOfNoise(table, "Training with noise", "the error on noisy images", run -> at(run, std), at),
                effectOfNoise(table, "It", "that on clean images", run -> at(run, 0), "MSE on clean input"));
    }

    /** Compares a loss of the networks trained with noise with that of those without, in both kinds of network. */
    private String effectOfNoise(ComparisonTable table, String cause, String quantity, Quantity loss, String row) {
        return effectInBoth(
                cause,
                quantity,
                table.judge(WITHOUT, compare(noisy, plain, loss), row + ": noisy / plain"),
                table.judge(WITH, compare(skipNoisy, skip, loss), row + ": skip-noisy / skip"));
    }

    /** Says how the error of the networks without skip connections compares with the noise. */
    private String levels() {
        double[] errors = stds().mapToDouble(std -> at(noisy, std).mean()).toArray();
        double least = DoubleStream.of(errors).min().orElseThrow();
        double most = DoubleStream.of(errors).max().orElseThrow();
        String flat = most / least > 1.2
                ? ""
                : String.format("The error of noisy hardly depends on σ (%.4f to %.4f on average).", least, most);
        return stds().filter(std -> inputLoss(std)
                        < Math.min(at(plain, std).mean(), at(noisy, std).mean()))
                .max(Double::compare)
                .map(std -> String.format(
                        "%s Up to σ = %s the input itself is on average closer to the clean image than the reconstructions of either network without skip connections.",
                        flat, ReportValues.number(std)))
                .orElse(flat);
    }

    private Stream<Double> stds() {
        return noisy.metrics().measurements().noise().stream().map(Measurements.AtNoise::std);
    }

    private double inputLoss(double std) {
        return noisy.measured(m -> m.measurements().at(std).inputLoss()).mean();
    }

    /** Says at which noise, of those measured, it pays that a network with skip connections was trained with noise. */
    String better() {
        List<Double> stds = stds().filter(
                        std -> at(skip, std).mean() > at(skipNoisy, std).mean())
                .toList();
        return stds.isEmpty()
                ? "On average skip is better than skip-noisy at every level of noise that was measured."
                : String.format(
                        "On average skip-noisy is better than skip from σ = %s on.", ReportValues.number(stds.get(0)));
    }

    private static boolean hasNoise(FinishedRun<RecordedMetrics.OfVariant> run, double std) {
        return run.metrics().measurements().noise().stream().anyMatch(at -> at.std() == std);
    }

    /** Returns the rows of the table of simple ways to remove noise; empty where the variants have none. */
    private List<Map<String, Object>> baselines() {
        NoiseFilters first = noisy.metrics().measurements().filters();
        if (first == null) return List.of();
        return List.of(
                Map.of(
                        "name",
                        "none: the noisy input",
                        "mse",
                        fine(noisy.measured(m -> onSome(m).inputLoss()))),
                Map.of("name", "clipping to [0, 1]", "mse", fine(filter(noisy, NoiseFilters::clippedLoss))),
                Map.of(
                        "name",
                        String.format("Gaussian blur, σ = %s pixels, clipped", ReportValues.number(first.blurStd())),
                        "mse",
                        fine(filter(noisy, NoiseFilters::blurLoss))),
                Map.of(
                        "name",
                        String.format("median of %d × %d pixels, clipped", first.medianSide(), first.medianSide()),
                        "mse",
                        fine(filter(noisy, NoiseFilters::medianLoss))),
                Map.of(
                        "name",
                        "noisy",
                        "mse",
                        fine(noisy.measured(m -> onSome(m).testLoss()))),
                Map.of(
                        "name",
                        "skip-noisy",
                        "mse",
                        fine(skipNoisy.measured(m -> onSome(m).testLoss()))));
    }

    private String filters(ComparisonTable table) {
        if (noisy.metrics().measurements().filters() == null) return "";
        boolean blur = filter(noisy, NoiseFilters::blurLoss).mean()
                <= filter(noisy, NoiseFilters::medianLoss).mean();
        ToDoubleFunction<NoiseFilters> best = blur ? NoiseFilters::blurLoss : NoiseFilters::medianLoss;
        String named = blur ? "Gaussian blur" : "median";
        Case clipped = table.judge("", against(noisy, NoiseFilters::clippedLoss), "\\ref{filters}: noisy / clipping");
        Case without = table.judge("", against(noisy, best), "\\ref{filters}: noisy / " + named);
        Case with = table.judge("", against(skipNoisy, best), "\\ref{filters}: skip-noisy / " + named);
        return String.format(
                "The error of the input is a weak standard, as clipping it to [0, 1] already lowers it. %s On average the %s is the best of the filters. %s; %s.",
                sentence(
                        clipped.says("The error of noisy", "that of clipping"),
                        clipped.concluded(
                                "",
                                "As a denoiser, then, the network without skip connections is worse than clipping: what its two numbers lose is more than the noise that it removes.")),
                named,
                without.says("The error of noisy", "that of this filter"),
                with.says("that of skip-noisy", "that of the filter"));
    }

    private Comparison against(FinishedRun<RecordedMetrics.OfVariant> run, ToDoubleFunction<NoiseFilters> best) {
        return compare(run, r -> r.measured(m -> onSome(m).testLoss()), r -> filter(r, best));
    }

    /** Returns the losses on those test images that the filters were tried on. */
    private Measurements.AtNoise onSome(RecordedMetrics.OfVariant metrics) {
        return metrics.measurements().at(noisy.option("noise"));
    }

    private static Sample filter(FinishedRun<RecordedMetrics.OfVariant> run, ToDoubleFunction<NoiseFilters> loss) {
        return run.measured(m -> loss.applyAsDouble(m.measurements().filters()));
    }

    /** Returns what the retrained networks show; without table and figure where there are none. */
    static Map<String, Object> ablations(
            Optional<Ablations.Results> found, BiFunction<Figure, String, Object> figures) {
        if (found.isEmpty()) return Map.of("found", false);
        Ablations.Results results = found.get();
        Ablations.Ablated none = results.network("width-2");
        Ablations.Ablated one = results.network("skip-pool1");
        Ablations.Ablated two = results.network("skip-pool2");
        Ablations.Ablated both = results.network("skip-both");
        return Map.of(
                "found",
                true,
                "circumstances",
                String.format(
                        "These networks were trained separately, for %s epochs%s with a learning rate of %s, batches of %s and %d %s each.",
                        results.options().get("epochs").getAsString(),
                        results.options().has("trainSize")
                                ? String.format(
                                        " on the first %,d images",
                                        results.options().get("trainSize").getAsInt())
                                : "",
                        results.options().get("lr").getAsString(),
                        results.options().get("batchSize").getAsString(),
                        none.seeds().size(),
                        none.seeds().size() == 1 ? "seed" : "seeds"),
                "skips",
                Stream.of(
                                Map.entry("none", none),
                                Map.entry("pool1 alone", one),
                                Map.entry("pool2 alone", two),
                                Map.entry("both", both))
                        .map(entry -> Map.of(
                                "name", entry.getKey(),
                                "mse", fine(loss(entry.getValue())),
                                "shuffled", fine(shuffled(entry.getValue())),
                                "neighbours",
                                        share(sample(entry.getValue(), Ablations.Result::nearestNeighbourAccuracy))))
                        .toList(),
                "widths",
                widths(results, figures),
                "connections",
                connections(none, one, two, both),
                "width",
                width(results));
    }

    private static List<Ablations.Ablated> widths(Ablations.Results results) {
        return results.networks().stream()
                .filter(network -> !network.skipPool1() && !network.skipPool2())
                .toList();
    }

    /** Draws the error over the width of the code. */
    private static Object widths(Ablations.Results results, BiFunction<Figure, String, Object> figures) {
        List<Ablations.Ablated> widths = widths(results);
        List<double[]> seeds = IntStream.range(0, widths.get(0).seeds().size())
                .mapToObj(seed -> widths.stream()
                        .mapToDouble(network -> network.seeds().get(seed).testLoss())
                        .toArray())
                .toList();
        Ablations.Ablated widest = widths.get(widths.size() - 1);
        return figures.apply(
                LinePlot.labelled(
                        "plain with wider codes: test loss",
                        "numbers in the code",
                        "MSE per pixel (log scale)",
                        widths.stream()
                                .map(network -> String.valueOf(network.codeWidth()))
                                .toList(),
                        new LinePlot.Line("plain", seeds)),
                String.format(
                        "Test MSE of plain as a function of the width of its code%s. With %d numbers instead of %d: %s.",
                        seeds.size() == 1
                                ? ""
                                : String.format(
                                        ": means ± standard deviations over %d seeds, in a band from the smallest to the largest",
                                        seeds.size()),
                        widest.codeWidth(),
                        widths.get(0).codeWidth(),
                        Comparison.ofLosses(loss(widest), loss(widths.get(0))).words()));
    }

    /** Says what a wider code brings, from each width to the next. */
    private static String width(Ablations.Results results) {
        List<Ablations.Ablated> widths = widths(results);
        Case[] steps = new Case[widths.size() - 1];
        for (int i = 0; i < steps.length; i++) {
            Ablations.Ablated from = widths.get(i);
            Ablations.Ablated to = widths.get(i + 1);
            steps[i] = Case.of(
                    String.format("from %d to %d%s", from.codeWidth(), to.codeWidth(), i == 0 ? " numbers" : ""),
                    Comparison.ofLosses(loss(to), loss(from)));
        }
        Comparison all = Comparison.ofLosses(loss(widths.get(widths.size() - 1)), loss(widths.get(0)));
        return sentence(
                effect("Widening the code", "the test error", steps),
                all.concluded("Much of the error is therefore due to the bottleneck of two numbers.", ""));
    }

    /** Says what one skip connection alone brings. */
    private static String connections(
            Ablations.Ablated none, Ablations.Ablated one, Ablations.Ablated two, Ablations.Ablated both) {
        Comparison first = Comparison.ofLosses(loss(one), loss(none));
        Comparison second = Comparison.ofLosses(loss(two), loss(none));
        String wide = Stream.of(Map.entry("pool1", one), Map.entry("pool2", two))
                .filter(entry ->
                        loss(entry.getValue()).std() > loss(entry.getValue()).mean() / 2)
                .map(entry -> String.format(
                        " With %s alone the seeds differ widely: %s.",
                        entry.getKey(),
                        DoubleStream.of(loss(entry.getValue()).values())
                                .mapToObj(loss -> String.format("%.5f", loss))
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining());
        String shuffled = effect(
                "Decoding with the codes of other images",
                "the error",
                Case.of("with pool1 alone", Comparison.ofLosses(shuffled(one), loss(one))),
                Case.of("with pool2 alone", Comparison.ofLosses(shuffled(two), loss(two))));
        return String.format(
                "%s. %s. %s. %s.%s",
                effect(
                        "One connection alone",
                        "the error",
                        Case.of("if it is from pool1", first),
                        Case.of("if it is from pool2", second)),
                Comparison.ofLosses(loss(one), loss(two))
                        .saysWithInterval("The error with pool1 alone", "that with pool2 alone"),
                Comparison.ofLosses(loss(both), loss(one)).saysWithInterval("That with both", "that with pool1 alone"),
                shuffled,
                wide);
    }

    private static Sample loss(Ablations.Ablated network) {
        return sample(network, Ablations.Result::testLoss);
    }

    private static Sample shuffled(Ablations.Ablated network) {
        return sample(network, Ablations.Result::shuffledCodesLoss);
    }

    private static Sample sample(Ablations.Ablated network, ToDoubleFunction<Ablations.Result> value) {
        return Sample.of(network.seeds(), value);
    }

    /** Some quantity of a run, a value for each seed. */
    private interface Quantity {
        Sample of(FinishedRun<RecordedMetrics.OfVariant> run);
    }

    private static Comparison compare(
            FinishedRun<RecordedMetrics.OfVariant> run, FinishedRun<RecordedMetrics.OfVariant> other, Quantity loss) {
        return Comparison.ofLosses(loss.of(run.withSeedsOf(other)), loss.of(other.withSeedsOf(run)));
    }

    private static Comparison compare(FinishedRun<RecordedMetrics.OfVariant> run, Quantity loss, Quantity other) {
        return Comparison.ofLosses(loss.of(run), other.of(run));
    }

    private static Comparison separated(
            FinishedRun<RecordedMetrics.OfVariant> run, FinishedRun<RecordedMetrics.OfVariant> other) {
        return Comparison.ofShares(neighbours(run.withSeedsOf(other)), neighbours(other.withSeedsOf(run)));
    }

    private static Sample lastTrainLoss(FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.sample(seed -> seed.lastEpoch().trainLoss());
    }

    private static Sample testLoss(FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.measured(RecordedMetrics.OfVariant::testLoss);
    }

    private static Sample shuffled(FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.measured(m -> m.measurements().shuffledCodesLoss());
    }

    private static Sample at(FinishedRun<RecordedMetrics.OfVariant> run, double std) {
        return run.measured(m -> m.measurements().at(std).testLoss());
    }

    private static Sample neighbours(FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.measured(m -> m.embedding().nearestNeighbourAccuracy());
    }

    static String mse(Sample losses) {
        return losses.format("%.4f");
    }

    private static String fine(Sample losses) {
        return losses.format("%.5f");
    }

    static String share(Sample shares) {
        return share(shares, 1);
    }

    static String share(Sample shares, int digits) {
        Sample percents =
                new Sample(DoubleStream.of(shares.values()).map(s -> 100 * s).toArray());
        return Words.number(percents, digits) + " %";
    }
}
