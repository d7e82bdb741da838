package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Sample;
import mnist.study.LatentAxes;
import mnist.study.LatentAxes.Correlation;
import mnist.study.RecordedMetrics;
import mnist.study.TwoGroups;

/** What the two numbers of a code stand for, and how two planes compare. */
final class LatentValues {
    private static final double CORRELATED = 0.3;
    private static final double TOLD = 0.3; // of the variance within the digits
    private static final double HARDLY = 0.1;
    private static final double LOOPS = 0.3; // by which fractions of loops differ clearly

    private LatentValues() {}

    /** Says what an embedding's coordinates go with in the first seed, and what the place in it tells of an image in all. */
    static String axes(List<LatentAxes> seeds) {
        return coordinates(seeds.get(0).correlations()) + within(seeds);
    }

    /** Says the same of another embedding, shorter where the features are as in the one that was described. */
    static String axes(List<LatentAxes> seeds, List<LatentAxes> described) {
        String within = within(seeds);
        return coordinates(seeds.get(0).correlations())
                + (within.equals(within(described))
                        ? " Within the digits the same holds as in 5.4 (\\ref{features})."
                        : within);
    }

    /** Concludes what the place in the plane tells of images of the same digit. */
    private static String within(List<LatentAxes> seeds) {
        List<String> features = LatentAxes.features();
        List<Integer> descending = IntStream.range(0, features.size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                        i -> -explained(seeds, i, Correlation::explainedWithin).mean()))
                .toList();
        List<String> told = new ArrayList<>();
        List<String> hardly = new ArrayList<>();
        for (int i : descending) {
            double mean = explained(seeds, i, Correlation::explainedWithin).mean();
            if (mean >= TOLD) told.add(described(features.get(i)));
            if (mean < HARDLY) hardly.add(described(features.get(i)));
        }
        String most =
                told.isEmpty() ? "" : " Within the digits the place in the plane tells most of " + Words.list(told);
        if (hardly.isEmpty()) return most.isEmpty() ? "" : most + ".";
        return (most.isEmpty() ? " Within the digits the place in the plane tells" : most + ", but") + " hardly of "
                + Words.list(hardly) + ".";
    }

    private static Sample explained(List<LatentAxes> seeds, int feature, ToDoubleFunction<Correlation> value) {
        return Sample.of(seeds, axes -> value.applyAsDouble(axes.correlations().get(feature)));
    }

    /** Returns the rows of the table of what the embeddings of problem 5 and of the convolutional autoencoder tell. */
    static List<Map<String, Object>> rows(List<LatentAxes> ae, List<LatentAxes> cae) {
        return IntStream.range(0, LatentAxes.features().size())
                .mapToObj(i -> Map.<String, Object>of(
                        "name", described(LatentAxes.features().get(i)),
                        "ae", Words.number(explained(ae, i, Correlation::explained), 2),
                        "aeWithin", Words.number(explained(ae, i, Correlation::explainedWithin), 2),
                        "cae", Words.number(explained(cae, i, Correlation::explained), 2),
                        "caeWithin", Words.number(explained(cae, i, Correlation::explainedWithin), 2)))
                .toList();
    }

    /** Says what each coordinate goes with in the plane that is shown. */
    private static String coordinates(List<Correlation> features) {
        Correlation first = most(features, Correlation::first);
        Correlation second = most(features, Correlation::second);
        return first.equals(second) && Math.abs(first.first()) >= CORRELATED && Math.abs(first.second()) >= CORRELATED
                ? String.format(
                        "In the plane shown, both coordinates correlate most strongly with %s (rank correlations %s and %s).",
                        described(first.feature()), Words.number(first.first(), 2), Words.number(first.second(), 2))
                : String.format(
                        "In the plane shown, %s, and %s.",
                        axis("first", first, first.first()), axis("second", second, second.second()));
    }

    private static Correlation most(List<Correlation> features, ToDoubleFunction<Correlation> value) {
        return features.stream()
                .max(Comparator.comparingDouble(feature -> Math.abs(value.applyAsDouble(feature))))
                .orElseThrow();
    }

    private static String axis(String which, Correlation most, double rho) {
        String correlation = "rank correlation " + Words.number(rho, 2);
        return Math.abs(rho) < CORRELATED
                ? String.format(
                        "the %s coordinate correlates with none of the measured features (at most %s)",
                        which, correlation)
                : String.format(
                        "the %s coordinate correlates most strongly with %s (%s)",
                        which, described(most.feature()), correlation);
    }

    /** Describes the digit that lies in two groups in the first seed, and says in how many seeds it does. */
    static String groups(List<LatentAxes> seeds) {
        TwoGroups shown = seeds.get(0).groups();
        if (shown == null) return "";
        double[] loops = DoubleStream.of(shown.loops()).sorted().toArray();
        long same = seeds.stream()
                .filter(axes -> axes.groups() != null && axes.groups().digit() == shown.digit())
                .count();
        return String.format(
                "%s the images of %d lie in two groups, of %s and %s of them.%s%s",
                same > seeds.size() / 2
                        ? "One digit is written in several ways: in the plane shown"
                        : "In the plane shown",
                shown.digit(),
                Words.percent(shown.smaller(), 0),
                Words.percent(1 - shown.smaller(), 0),
                loops[1] - loops[0] < LOOPS
                        ? ""
                        : String.format(
                                " In one of them %s of the images have a closed loop, in the other %s: two ways to write the digit, which the labels do not tell apart, lie apart.",
                                Words.percent(loops[1], 0), Words.percent(loops[0], 0)),
                seeds.size() == 1 ? "" : String.format(" It is so split in %d of %d seeds.", same, seeds.size()));
    }

    private static String described(String feature) {
        return switch (feature) {
            case "ink" -> "the amount of ink";
            case "slant" -> "the slant";
            case "stroke thickness" -> "the thickness of the strokes";
            case "width to height" -> "the ratio of width to height";
            default -> feature;
        };
    }

    /** Compares the plane of problem 5 with that of the convolutional autoencoder. */
    static String planes(FinishedRun<RecordedMetrics.OfAutoencoder> ae, FinishedRun<RecordedMetrics.OfVariant> cae) {
        FinishedRun<RecordedMetrics.OfAutoencoder> one = ae.withSeedsOf(cae);
        FinishedRun<RecordedMetrics.OfVariant> other = cae.withSeedsOf(ae);
        if (one.seeds().isEmpty()) return "";
        Comparison neighbours = Comparison.ofShares(
                one.measured(m -> m.embedding().nearestNeighbourAccuracy()),
                other.measured(m -> m.embedding().nearestNeighbourAccuracy()));
        Comparison silhouettes =
                Comparison.ofNumbers(silhouette(one, m -> m.embedding()), silhouette(other, m -> m.embedding()));
        Sample aeRanks = one.measured(m -> m.axes().rankSilhouette());
        Sample caeRanks = other.measured(m -> m.measurements().axes().rankSilhouette());
        Comparison ranks = Comparison.ofNumbers(aeRanks, caeRanks);
        String reason = "";
        if (neighbours.isHigher() && silhouettes.isLower()) {
            reason = ranks.isLower()
                    ? " With each coordinate replaced by its rank the order of the two remains, so that outliers are not the reason."
                    : " The two measures disagree because the silhouette is made of distances over the whole plane, which a few far points stretch, and 10-NN of the order of the nearest alone: with each coordinate replaced by its rank the lower silhouette is no longer shown.";
        }
        return String.format(
                "%s. %s.%s",
                neighbours.saysWithInterval("The accuracy of the autoencoder of 5.4", "that of plain"),
                silhouettes.saysWithInterval("Its silhouette", "that of plain"),
                reason);
    }

    private static <M> Sample silhouette(FinishedRun<M> run, Function<M, EmbeddingQuality> quality) {
        return run.measured(m -> quality.apply(m).silhouette());
    }
}
