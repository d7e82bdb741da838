package mnist.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
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
import mnist.prob6.Ablations;
import mnist.prob6.Measurements;
import mnist.prob6.NoiseFilters;
import mnist.prob6.Prob6;
import mnist.report.FinishedRun.Seed;

/** What problem 6 says of its variants: means over seeds, and the differences between them that are shown. */
record VariantValues(
        FinishedRun<Prob6.Metrics> plain,
        FinishedRun<Prob6.Metrics> skip,
        FinishedRun<Prob6.Metrics> noisy,
        FinishedRun<Prob6.Metrics> skipNoisy) {
    private static final double SAME = 1.1; // a ratio below which codes are called without effect

    /** Says how many seeds there are, and what is claimed of them. */
    String seeds() {
        int n = plain.seeds().size();
        if (n == 1)
            return "All results are of one seed. They describe this run: a difference between two variants may be due to the seed, and nothing is concluded from it.";
        return String.format(
                "Each variant was trained with %d seeds. Numbers are means ± standard deviations over them; losses are drawn as means in bands from the smallest to the largest. What is said of single images, digits and clouds is of the network of seed %s, which was saved. A difference is claimed only where the 95 %% interval (Student's t, paired by seed) of its mean excludes zero, and that of a ratio 1; elsewhere the text says that none is shown. The intervals are of training on one fixed test set, and not corrected for their number; the p values in the tables of comparisons are (after Holm), and where one exceeds 0.05 the claim is weak.%s",
                n, plain.firstSeed(), n < 5 ? " With so few seeds they are wide." : "");
    }

    private Stream<FinishedRun<Prob6.Metrics>> all() {
        return Stream.of(plain, skip, noisy, skipNoisy);
    }

    private static String name(FinishedRun<Prob6.Metrics> run) {
        return run.record().options().get("variant").getAsString();
    }

    /** Returns the rows of the table of the variants. */
    List<Map<String, Object>> rows() {
        return all().map(VariantValues::row).toList();
    }

    private static Map<String, Object> row(FinishedRun<Prob6.Metrics> run) {
        return Map.of(
                "name",
                name(run),
                "trainMse",
                mse(run.sample(seed -> seed.lastEpoch().trainLoss())),
                "testMse",
                mse(testLoss(run)),
                "inputMse",
                run.metrics().inputLoss() == 0 ? "0" : mse(run.measured(Prob6.Metrics::inputLoss)),
                "neighbours",
                share(neighbours(run)),
                "silhouette",
                Words.number(run.measured(m -> m.embedding().silhouette()), 2),
                "overlaps",
                run.metrics().embedding().overlaps().stream()
                        .map(pair -> "<span class=\"number\">" + pair + "</span>")
                        .collect(Collectors.joining(", ")));
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
        ComparisonTable table = new ComparisonTable(0);
        Comparison losses = compare(skip, plain, VariantValues::testLoss);
        Comparison embeddings = separated(skip, plain);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put(
                "reconstructions",
                sentence(
                        table.says(losses, "The test error of skip", "that of plain", "test MSE: skip / plain"),
                        losses.concluded(
                                "The outputs of the poolings hold where the strokes are, and the decoder computes the image from them. The smaller error measures how well the image is passed on; of the code it says nothing.",
                                "The connections do not help here.")));
        values.put("codes", codes(table));
        values.put(
                "embeddings",
                sentence(
                        table.says(
                                embeddings,
                                "The 10-NN accuracy of skip",
                                "that of plain",
                                "10-NN accuracy: skip − plain"),
                        embeddings.concluded(
                                "What is passed on by the connections need not be in the code, and the loss hardly depends on the code.",
                                "The codes separate the digits better, although the connections pass the image on.")));
        values.put("losses", losses(table));
        values.put("rows", table.rows());
        return values;
    }

    /** Ends a sentence, and adds another where there is one. */
    private static String sentence(String first, String second) {
        return second.isEmpty() ? first + "." : first + ". " + second;
    }

    /** Says what becomes of the error where each image is decoded with the code of another. */
    private String codes(ComparisonTable table) {
        Comparison without = compare(plain, VariantValues::shuffled, VariantValues::testLoss);
        Comparison with = compare(skip, VariantValues::shuffled, VariantValues::testLoss);
        boolean several = with.difference().pairs() > 1;
        boolean same = several && Math.exp(with.difference().high()) < SAME;
        String conclusion = !several
                ? ""
                : same
                        ? String.format("With skip connections the decoder hardly uses the code.")
                        : with.isHigher()
                                ? "So the code matters with skip connections, too."
                                : "Whether the code matters with skip connections is not shown.";
        return sentence(
                "Each image was also decoded with the code of another, by a fixed random permutation of the test set. "
                        + table.says(
                                without,
                                "Without skip connections the error with these codes",
                                "that with the images' own",
                                "test MSE of plain: shuffled / own codes")
                        + ". "
                        + table.says(
                                with, "With them it", "that with their own", "test MSE of skip: shuffled / own codes"),
                conclusion);
    }

    private String losses(ComparisonTable table) {
        Comparison last = compare(skip, plain, VariantValues::lastTrainLoss);
        Comparison speed = Comparison.ofLosses(
                skip,
                (Seed<Prob6.Metrics> seed) -> seed.firstEpoch().trainLoss(),
                plain,
                (Seed<Prob6.Metrics> seed) -> seed.lastEpoch().trainLoss());
        return String.join(
                " ",
                table.says(
                                last,
                                "In the last epoch the training loss of skip",
                                "that of plain",
                                "training loss, last epoch: skip / plain")
                        + ".",
                table.says(
                                speed,
                                "The training loss of skip in its first epoch",
                                "that of plain in its last",
                                "training loss: skip, first epoch / plain, last epoch")
                        + ".",
                String.format(
                        "The test loss is lowest in the last epoch in %s and in %s; overfitting would show in a test loss that rises again. (The training loss is a mean over an epoch in which the weights improve, so that its distance from the test loss says little.)",
                        overfitting(skip), overfitting(plain)));
    }

    /** Says whether the test loss has risen again. */
    private static String overfitting(FinishedRun<Prob6.Metrics> run) {
        long falling = run.seeds().stream()
                .filter(seed -> seed.epochs().stream()
                        .allMatch(e -> e.testLoss() >= seed.lastEpoch().testLoss()))
                .count();
        return String.format("%d of %d trainings of %s", falling, run.seeds().size(), name(run));
    }

    /**
     * Returns the sentences on noise and the table that they cite.
     *
     * @param skips the values on skip connections, whose table's rows are numbered before
     */
    Map<String, Object> noise(Map<String, Object> skips) {
        ComparisonTable table = new ComparisonTable(((List<?>) skips.get("rows")).size());
        Map<String, Object> values = new LinkedHashMap<>();
        double std = noisy.option("noise");
        values.put("deviation", ReportValues.number(std));
        values.put("inputMse", mse(noisy.measured(Prob6.Metrics::inputLoss)));
        Comparison between = compare(skipNoisy, noisy, VariantValues::testLoss);
        values.put(
                "between",
                sentence(
                        table.says(between, "The error of skip-noisy", "that of noisy", "test MSE: skip-noisy / noisy"),
                        between.concluded(
                                "With skip connections the reconstruction follows the strokes of the very image that was given; without them it is free of noise, but it is an image typical of a place in the plane: blurred, and sometimes of another digit.",
                                "The poolings pass on noise along with the image.")));
        values.put("without", denoised(table, noisy, plain));
        values.put("with", denoised(table, skipNoisy, skip));
        values.put("losses", noisyLosses(table));
        values.put("corrupted", corrupted());
        values.put("tested", tested(table, std));
        values.put("filters", filters(table));
        values.put("embeddings", noisyEmbeddings(table));
        values.put("rows", table.rows());
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
        return values;
    }

    private static String denoised(
            ComparisonTable table, FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> clean) {
        return String.format(
                "%s. %s.",
                table.says(
                        compare(run, VariantValues::testLoss, r -> r.measured(Prob6.Metrics::inputLoss)),
                        "The error of " + name(run),
                        "that of its input",
                        "test MSE: " + name(run) + " / its input"),
                table.says(
                        compare(run, clean, VariantValues::testLoss),
                        "It",
                        "that of " + name(clean) + " on clean images",
                        "test MSE: " + name(run) + " / " + name(clean) + ", each on its own input"));
    }

    private String noisyLosses(ComparisonTable table) {
        Comparison cost = Comparison.ofLosses(ratio(skipNoisy, skip), ratio(noisy, plain));
        return sentence(
                String.format(
                        "%s. %s. %s",
                        table.says(
                                compare(noisy, plain, VariantValues::lastTrainLoss),
                                "In the last epoch the training loss of noisy",
                                "that of plain",
                                "training loss, last epoch: noisy / plain"),
                        table.says(
                                compare(skipNoisy, skip, VariantValues::lastTrainLoss),
                                "That of skip-noisy",
                                "that of skip",
                                "training loss, last epoch: skip-noisy / skip"),
                        table.says(
                                cost,
                                "The ratio of these two",
                                "that of noisy and plain",
                                "quotient of the two ratios above")),
                cost.concluded(
                        "",
                        "Relative to the error without noise, it costs more where it also reaches the decoder through the connections."));
    }

    private static Sample ratio(FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> clean) {
        double[] noise = run.withSeedsOf(clean)
                .sample(seed -> seed.lastEpoch().trainLoss())
                .values();
        double[] without = clean.withSeedsOf(run)
                .sample(seed -> seed.lastEpoch().trainLoss())
                .values();
        double[] ratios = new double[noise.length];
        for (int i = 0; i < ratios.length; i++) ratios[i] = noise[i] / without[i];
        return new Sample(ratios);
    }

    private String noisyEmbeddings(ComparisonTable table) {
        Comparison between = separated(noisy, skipNoisy);
        return sentence(
                String.format(
                        "%s. %s. %s",
                        table.says(
                                separated(noisy, plain),
                                "The 10-NN accuracy of noisy",
                                "that of plain",
                                "10-NN accuracy: noisy − plain"),
                        table.says(
                                separated(skipNoisy, skip),
                                "The 10-NN accuracy of skip-noisy",
                                "that of skip",
                                "10-NN accuracy: skip-noisy − skip"),
                        table.says(
                                between,
                                "The 10-NN accuracy of noisy",
                                "that of skip-noisy",
                                "10-NN accuracy: noisy − skip-noisy")),
                between.concluded(
                        "",
                        "With noise, too, the codes separate the digits better where the decoder computes from them alone."));
    }

    private String corrupted() {
        return String.format(
                "Against the <i>corrupted</i> image, which was the input, the error is %s for noisy and %s for skip-noisy. A reconstruction equal to the clean image would have the noise's mean square, %s, and one equal to its input 0: this error by itself is no measure of quality. But it shows how much noise is left. With the residual \\(r\\), the reconstruction minus the clean image, \\(\\mathbb{E} (r - \\epsilon)^2 = \\mathbb{E} r^2 + \\mathbb{E} \\epsilon^2 - 2\\,\\mathbb{E}\\, r \\epsilon\\), and the share \\(\\mathbb{E}\\, r \\epsilon / \\mathbb{E} \\epsilon^2\\) of the noise that is found again in the reconstruction is %s for noisy and %s for skip-noisy.",
                mse(noisy.measured(m -> m.measurements().lossToInput())),
                mse(skipNoisy.measured(m -> m.measurements().lossToInput())),
                mse(noisy.measured(Prob6.Metrics::inputLoss)),
                share(passedOn(noisy), 2),
                share(passedOn(skipNoisy), 2));
    }

    /** Returns the regression coefficient of the residuals on the noise. */
    private static Sample passedOn(FinishedRun<Prob6.Metrics> run) {
        return run.measured(
                m -> (m.testLoss() + m.inputLoss() - m.measurements().lossToInput()) / (2 * m.inputLoss()));
    }

    /** Compares training on noisy with training on clean images, on inputs of both kinds. */
    private String tested(ComparisonTable table, double std) {
        if (!hasNoise(plain, std)) return "";
        return Stream.of(trained(table, noisy, plain, std), trained(table, skipNoisy, skip, std), better())
                .collect(Collectors.joining(" "));
    }

    /** Says at which noise, of those measured, it pays that a network with skip connections was trained with noise. */
    private String better() {
        List<Double> stds = skip.metrics().measurements().noise().stream()
                .map(Measurements.AtNoise::std)
                .filter(std -> at(skip, std).mean() > at(skipNoisy, std).mean())
                .toList();
        return stds.isEmpty()
                ? "On average skip is better than skip-noisy at every level of noise that was measured."
                : String.format(
                        "On average skip-noisy is better than skip from σ = %s on.", ReportValues.number(stds.get(0)));
    }

    private static String trained(
            ComparisonTable table, FinishedRun<Prob6.Metrics> noisy, FinishedRun<Prob6.Metrics> clean, double std) {
        return String.format(
                "%s. %s.",
                table.says(
                        compare(noisy, clean, run -> at(run, std)),
                        "On noisy images the error of " + name(noisy),
                        "that of " + name(clean),
                        String.format(
                                "MSE on input with σ = %s: %s / %s",
                                ReportValues.number(std), name(noisy), name(clean))),
                table.says(
                        compare(noisy, clean, run -> at(run, 0)),
                        "On clean images it",
                        "that of " + name(clean),
                        String.format("MSE on clean input: %s / %s", name(noisy), name(clean))));
    }

    private static boolean hasNoise(FinishedRun<Prob6.Metrics> run, double std) {
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
                        mse(noisy.measured(m -> onSome(m).inputLoss()))),
                Map.of("name", "clipping to 0..1", "mse", mse(filter(noisy, NoiseFilters::clippedLoss))),
                Map.of(
                        "name",
                        String.format("Gaussian blur, σ = %s pixels, clipped", ReportValues.number(first.blurStd())),
                        "mse",
                        mse(filter(noisy, NoiseFilters::blurLoss))),
                Map.of(
                        "name",
                        String.format("median of %d × %d pixels, clipped", first.medianSide(), first.medianSide()),
                        "mse",
                        mse(filter(noisy, NoiseFilters::medianLoss))),
                Map.of("name", "noisy", "mse", mse(noisy.measured(m -> onSome(m).testLoss()))),
                Map.of(
                        "name",
                        "skip-noisy",
                        "mse",
                        mse(skipNoisy.measured(m -> onSome(m).testLoss()))));
    }

    private String filters(ComparisonTable table) {
        if (noisy.metrics().measurements().filters() == null) return "";
        boolean blur = filter(noisy, NoiseFilters::blurLoss).mean()
                <= filter(noisy, NoiseFilters::medianLoss).mean();
        ToDoubleFunction<NoiseFilters> best = blur ? NoiseFilters::blurLoss : NoiseFilters::medianLoss;
        String named = blur ? "Gaussian blur" : "median";
        Comparison clipped = compare(
                noisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, NoiseFilters::clippedLoss));
        Comparison without = compare(noisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, best));
        Comparison with = compare(skipNoisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, best));
        return String.format(
                "The error of the input is a weak standard, as clipping it to 0..1 already lowers it. %s The best filter is the %s. %s. %s.",
                sentence(
                        table.says(
                                clipped, "The error of noisy", "that of clipping", "\\ref{filters}: noisy / clipping"),
                        clipped.isHigher()
                                ? "As a denoiser, then, the network without skip connections is worse than clipping: what its two numbers lose is more than the noise that it removes."
                                : ""),
                named,
                table.says(without, "The error of noisy", "that of this filter", "\\ref{filters}: noisy / " + named),
                table.says(
                        with,
                        "The error of skip-noisy",
                        "that of this filter",
                        "\\ref{filters}: skip-noisy / " + named));
    }

    /** Returns the losses on those test images that the filters were tried on. */
    private Measurements.AtNoise onSome(Prob6.Metrics metrics) {
        return metrics.measurements().at(noisy.option("noise"));
    }

    private static Sample filter(FinishedRun<Prob6.Metrics> run, ToDoubleFunction<NoiseFilters> loss) {
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
                        "These networks were trained separately, for %s epochs%s and with %d %s each.",
                        results.options().get("epochs").getAsString(),
                        results.options().has("trainSize")
                                ? String.format(
                                        " on the first %,d images",
                                        results.options().get("trainSize").getAsInt())
                                : "",
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
                                "shuffled", fine(sample(entry.getValue(), Ablations.Result::shuffledCodesLoss)),
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
                                : ": means ± standard deviations over the seeds, in a band from the smallest to the largest",
                        widest.codeWidth(),
                        widths.get(0).codeWidth(),
                        Comparison.ofLosses(loss(widest), loss(widths.get(0))).words()));
    }

    /** Says what a wider code brings, from each width to the next. */
    private static String width(Ablations.Results results) {
        List<Ablations.Ablated> widths = widths(results);
        List<String> steps = new ArrayList<>();
        for (int i = 1; i < widths.size(); i++) {
            steps.add(Comparison.ofLosses(loss(widths.get(i)), loss(widths.get(i - 1)))
                    .saysWithInterval(
                            (i == 1 ? "The test error with " : "That with ")
                                    + widths.get(i).codeWidth() + " numbers",
                            "that with " + widths.get(i - 1).codeWidth()));
        }
        Comparison all = Comparison.ofLosses(loss(widths.get(widths.size() - 1)), loss(widths.get(0)));
        return sentence(
                String.join(". ", steps),
                all.concluded("Much of the blur is therefore due to the bottleneck of two numbers.", ""));
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
        return String.format(
                "%s. %s. %s.%s%s",
                first.saysWithInterval("The error with pool1 alone", "that with none"),
                second.saysWithInterval("The error with pool2 alone", "that with none"),
                Comparison.ofLosses(loss(one), loss(two))
                        .saysWithInterval("That with pool1 alone", "that with pool2 alone"),
                first.isLower() && second.isLower()
                        ? String.format(
                                " Of what both connections gain, pool1 alone gains %s and pool2 alone %s.",
                                Words.percent(gain(none, one) / gain(none, both), 0),
                                Words.percent(gain(none, two) / gain(none, both), 0))
                        : "",
                wide);
    }

    /** Returns by how much the mean error is lower. */
    private static double gain(Ablations.Ablated without, Ablations.Ablated with) {
        return loss(without).mean() - loss(with).mean();
    }

    private static Sample loss(Ablations.Ablated network) {
        return sample(network, Ablations.Result::testLoss);
    }

    private static Sample sample(Ablations.Ablated network, ToDoubleFunction<Ablations.Result> value) {
        return Sample.of(network.seeds(), value);
    }

    /** Some quantity of a run, a value for each seed. */
    private interface Quantity {
        Sample of(FinishedRun<Prob6.Metrics> run);
    }

    private static Comparison compare(FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> other, Quantity loss) {
        return Comparison.ofLosses(loss.of(run.withSeedsOf(other)), loss.of(other.withSeedsOf(run)));
    }

    private static Comparison compare(FinishedRun<Prob6.Metrics> run, Quantity loss, Quantity other) {
        return Comparison.ofLosses(loss.of(run), other.of(run));
    }

    private static Comparison separated(FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> other) {
        return Comparison.ofShares(neighbours(run.withSeedsOf(other)), neighbours(other.withSeedsOf(run)));
    }

    private static Sample lastTrainLoss(FinishedRun<Prob6.Metrics> run) {
        return run.sample(seed -> seed.lastEpoch().trainLoss());
    }

    private static Sample testLoss(FinishedRun<Prob6.Metrics> run) {
        return run.measured(Prob6.Metrics::testLoss);
    }

    private static Sample shuffled(FinishedRun<Prob6.Metrics> run) {
        return run.measured(m -> m.measurements().shuffledCodesLoss());
    }

    private static Sample at(FinishedRun<Prob6.Metrics> run, double std) {
        return run.measured(m -> m.measurements().at(std).testLoss());
    }

    private static Sample neighbours(FinishedRun<Prob6.Metrics> run) {
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
