package mnist.report;

import static mnist.report.Words.percent;

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
                "Each variant was trained with %d seeds; numbers are means ± standard deviations over them, losses are drawn as means in bands from the smallest to the largest, and images, embeddings and the pairs of digits named are the first seed's. A difference is claimed only where the 95 %% interval (Student's t, paired by seed) of its mean excludes zero; elsewhere the text says that none is shown. The intervals are not corrected for their number.%s",
                n, n < 5 ? " With so few seeds they are wide." : "");
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
                run.measured(m -> m.embedding().silhouette()).format("%.2f").replace('-', '−'),
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

    Map<String, Object> skips() {
        Comparison losses = compare(skip, plain, VariantValues::testLoss);
        Comparison embeddings = separated(skip, plain);
        return Map.of(
                "reconstructions",
                String.format(
                        "The test error is %s with skip connections and %s without: %s. %s",
                        mse(testLoss(skip)),
                        mse(testLoss(plain)),
                        losses.words(),
                        losses.concluded(
                                "The outputs of the poolings hold where the strokes are, and the decoder computes the image from them. The smaller error measures how well the image is passed on; of the code it says nothing.",
                                "The connections do not help here.")),
                "embeddings",
                String.format(
                        "The 10-NN accuracy is %s with skip connections and %s without: %s. %s",
                        share(neighbours(skip)),
                        share(neighbours(plain)),
                        embeddings.words(),
                        embeddings.concluded(
                                "What is passed on by the connections need not be in the code, and the loss does not reward a code that separates the digits.",
                                "The codes separate the digits better, although the connections pass the image on.")),
                "losses",
                losses(),
                "codes",
                codes());
    }

    /** Says what becomes of the error where each image is decoded with the code of another. */
    private String codes() {
        Comparison without = compare(plain, VariantValues::shuffled, VariantValues::testLoss);
        Comparison with = compare(skip, VariantValues::shuffled, VariantValues::testLoss);
        boolean several = with.difference().pairs() > 1;
        boolean same = several && Math.exp(with.difference().high()) < SAME;
        String conclusion = !several
                ? ""
                : same
                        ? String.format(
                                " With skip connections the decoder therefore computes nearly the same image (to less than %.0f %% of the error) whichever code it is given.",
                                100 * (SAME - 1))
                        : with.isHigher()
                                ? " So the code matters with skip connections, too."
                                : " Whether the code matters with skip connections is not shown.";
        return String.format(
                "Decoding each image with the code of another, by a fixed random permutation of the test set, changes the error from %s to %s without skip connections: %s. With them it goes from %s to %s: %s.%s",
                mse(testLoss(plain)),
                mse(shuffled(plain)),
                without.words(),
                fine(testLoss(skip)),
                fine(shuffled(skip)),
                with.words(),
                conclusion);
    }

    private String losses() {
        Comparison speed = Comparison.ofLosses(
                skip,
                (Seed<Prob6.Metrics> seed) -> seed.firstEpoch().trainLoss(),
                plain,
                (Seed<Prob6.Metrics> seed) -> seed.lastEpoch().trainLoss());
        return String.format(
                "Averaged over the first epoch the training loss is %s with skip connections and %s without, over the last %s and %s. The loss with them in the first epoch, compared with that without them in the last: %s. %s %s",
                mse(skip.sample(seed -> seed.firstEpoch().trainLoss())),
                mse(plain.sample(seed -> seed.firstEpoch().trainLoss())),
                mse(skip.sample(seed -> seed.lastEpoch().trainLoss())),
                mse(plain.sample(seed -> seed.lastEpoch().trainLoss())),
                speed.words(),
                overfitting("With skip connections", skip),
                overfitting("Without them", plain));
    }

    private static String overfitting(String which, FinishedRun<Prob6.Metrics> run) {
        Sample train = run.sample(seed -> seed.lastEpoch().trainLoss());
        Comparison excess =
                Comparison.ofLosses(run.sample(seed -> seed.lastEpoch().testLoss()), train);
        return String.format(
                "%s the last test loss, compared with the training loss: %s%s.",
                which,
                excess.words(),
                excess.isHigher() ? "" : run.seeds().size() > 1 ? "; there is no sign of overfitting" : "");
    }

    Map<String, Object> noise() {
        Map<String, Object> values = new LinkedHashMap<>();
        double std = noisy.option("noise");
        values.put("deviation", ReportValues.number(std));
        values.put("inputMse", mse(noisy.measured(Prob6.Metrics::inputLoss)));
        values.put("without", denoised(noisy, plain));
        values.put("with", denoised(skipNoisy, skip));
        Comparison between = compare(skipNoisy, noisy, VariantValues::testLoss);
        values.put(
                "between",
                String.format(
                        "The error of skip-noisy, compared with that of noisy: %s. %s",
                        between.words(),
                        between.concluded(
                                "With skip connections the reconstruction follows the strokes of the very image that was given; without them it is free of noise, but it is an image typical of a place in the plane: blurred, and sometimes of another digit.",
                                "The poolings pass on noise along with the image.")));
        values.put("losses", noisyLosses());
        values.put("embeddings", noisyEmbeddings());
        values.put("corrupted", corrupted());
        values.put("tested", tested(std));
        values.put("filters", filters());
        values.put("baselines", baselines());
        values.put("root", String.format("%.3f", Measurements.ROOT));
        values.put(
                "variance",
                String.format(
                        "If 0.3 were the variance, σ would be %.3f and the input's error %s. The networks that were trained with σ = %s have errors of %s (noisy) and %s (skip-noisy) there.",
                        Measurements.ROOT,
                        mse(noisy.measured(
                                m -> m.measurements().at(Measurements.ROOT).inputLoss())),
                        ReportValues.number(std),
                        mse(at(noisy, Measurements.ROOT)),
                        mse(at(skipNoisy, Measurements.ROOT))));
        return values;
    }

    private static String denoised(FinishedRun<Prob6.Metrics> run, FinishedRun<Prob6.Metrics> clean) {
        return String.format(
                "The error of %s is %s; compared with that of its input: %s; compared with %s on clean images: %s.",
                name(run),
                mse(testLoss(run)),
                compare(run, VariantValues::testLoss, r -> r.measured(Prob6.Metrics::inputLoss))
                        .words(),
                name(clean),
                compare(run, clean, VariantValues::testLoss).words());
    }

    private String noisyLosses() {
        Sample with = ratio(skipNoisy, skip);
        Sample without = ratio(noisy, plain);
        Comparison cost = Comparison.ofLosses(with, without);
        return String.format(
                "The training losses of the last epoch are %s without and %s with skip connections, %s and %s times those on clean images; the second ratio, compared with the first: %s.%s",
                mse(noisy.sample(seed -> seed.lastEpoch().trainLoss())),
                mse(skipNoisy.sample(seed -> seed.lastEpoch().trainLoss())),
                without.format("%.2f"),
                with.format("%.2f"),
                cost.words(),
                cost.concluded("", " Noise costs more where it reaches the decoder through the connections, too."));
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

    private String noisyEmbeddings() {
        Comparison between = separated(noisy, skipNoisy);
        return String.format(
                "The 10-NN accuracy is %s for noisy (compared with plain: %s) and %s for skip-noisy (compared with skip: %s). Compared with skip-noisy, that of noisy: %s.%s",
                share(neighbours(noisy)),
                separated(noisy, plain).words(),
                share(neighbours(skipNoisy)),
                separated(skipNoisy, skip).words(),
                between.words(),
                between.concluded(
                        "",
                        " With noise, too, the codes separate the digits better where the decoder computes from them alone."));
    }

    private String corrupted() {
        return String.format(
                "Against the <i>corrupted</i> image, which was the input, the reconstruction's error is %s for noisy and %s for skip-noisy. A reconstruction equal to the clean image would have the noise's mean square, %s; one equal to its input, 0. The error against the corrupted image is therefore no measure of quality: it is close to the noise's mean square where the noise is removed and little else changed.",
                mse(noisy.measured(m -> m.measurements().lossToInput())),
                mse(skipNoisy.measured(m -> m.measurements().lossToInput())),
                mse(noisy.measured(Prob6.Metrics::inputLoss)));
    }

    /** Compares training on noisy with training on clean images, on inputs of both kinds. */
    private String tested(double std) {
        if (!hasNoise(plain, std)) return "";
        return Stream.of(
                        trained("Without skip connections", noisy, plain, std),
                        trained("With skip connections", skipNoisy, skip, std))
                .collect(Collectors.joining(" "));
    }

    private static String trained(
            String which, FinishedRun<Prob6.Metrics> noisy, FinishedRun<Prob6.Metrics> clean, double std) {
        return String.format(
                "%s, training with noise changes the error on noisy images from %s to %s: %s; and that on clean images from %s to %s: %s.",
                which,
                mse(at(clean, std)),
                mse(at(noisy, std)),
                compare(noisy, clean, run -> at(run, std)).words(),
                mse(at(clean, 0)),
                mse(at(noisy, 0)),
                compare(noisy, clean, run -> at(run, 0)).words());
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

    private String filters() {
        if (noisy.metrics().measurements().filters() == null) return "";
        boolean blur = filter(noisy, NoiseFilters::blurLoss).mean()
                <= filter(noisy, NoiseFilters::medianLoss).mean();
        ToDoubleFunction<NoiseFilters> best = blur ? NoiseFilters::blurLoss : NoiseFilters::medianLoss;
        Comparison clipped = compare(
                noisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, NoiseFilters::clippedLoss));
        Comparison without = compare(noisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, best));
        Comparison with = compare(skipNoisy, run -> run.measured(m -> onSome(m).testLoss()), run -> filter(run, best));
        return String.format(
                "The input's error flatters, for clipping it to 0..1 needs no network. The error of noisy compared with clipping: %s. The best filter is the %s; compared with it, noisy: %s, and skip-noisy: %s.%s",
                clipped.words(),
                blur ? "Gaussian blur" : "median",
                without.words(),
                with.words(),
                clipped.isHigher()
                        ? " As a denoiser, then, the network without skip connections is worse than clipping: what its two numbers lose is more than the noise that it removes."
                        : "");
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
                        "These networks were trained for themselves, for %s epochs%s and with %d %s each.",
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
                String.format(
                        "With pool1 alone, compared with both: %s. With pool2 alone, compared with none: %s; compared with pool1 alone: %s.",
                        Comparison.ofLosses(loss(one), loss(both)).words(),
                        Comparison.ofLosses(loss(two), loss(none)).words(),
                        Comparison.ofLosses(loss(two), loss(one)).words()),
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
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < widths.size(); i++) {
            text.append(String.format(
                    "%s %d to %d numbers: %s",
                    i == 1 ? "From" : "; from",
                    widths.get(i - 1).codeWidth(),
                    widths.get(i).codeWidth(),
                    Comparison.ofLosses(loss(widths.get(i)), loss(widths.get(i - 1)))
                            .words()));
        }
        return text.append('.').toString();
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
        if (shares.values().length == 1) return percent(shares.mean(), 1);
        Sample percents =
                new Sample(DoubleStream.of(shares.values()).map(s -> 100 * s).toArray());
        return percents.format("%.1f") + " %";
    }
}
