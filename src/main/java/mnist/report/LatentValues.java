package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.LatentAxes;
import mnist.evaluation.LatentAxes.Correlation;
import mnist.evaluation.Sample;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;

/** What the two numbers of a code stand for, and how two planes compare. */
final class LatentValues {
    private static final double CORRELATED = 0.3;

    private LatentValues() {}

    /**
     * Says what an embedding's coordinates go with, in the first seed, and in all where there are several.
     *
     * @param explained whether the multiple rank correlation was explained before
     */
    static String axes(List<LatentAxes> seeds, boolean explained) {
        List<Correlation> features = seeds.get(0).correlations();
        StringBuilder text = new StringBuilder(coordinates(features));
        text.append(
                explained
                        ? " The multiple rank correlation of both coordinates with a feature is "
                        : " The multiple rank correlation with both, which is that of the feature's ranks with the best linear combination of the coordinates' ranks and depends less on how the plane is turned, is ");
        for (int i = 0; i < features.size(); i++) {
            text.append(i == 0 ? "" : i == features.size() - 1 ? " and " : ", ")
                    .append(both(seeds, i).format("%.2f"))
                    .append(" for ")
                    .append(described(features.get(i).feature()));
        }
        return text.append(seeds.size() == 1 ? "." : String.format(" (%d seeds).", seeds.size()))
                .append(encoded(seeds))
                .toString();
    }

    private static Sample both(List<LatentAxes> seeds, int feature) {
        return Sample.of(seeds, axes -> axes.correlations().get(feature).both());
    }

    /** Says what each coordinate goes with in the plane that is shown. */
    private static String coordinates(List<Correlation> features) {
        Correlation first = most(features, Correlation::first);
        Correlation second = most(features, Correlation::second);
        return first.equals(second) && Math.abs(first.first()) >= CORRELATED && Math.abs(first.second()) >= CORRELATED
                ? String.format(
                        "In the plane shown, both coordinates go most with %s (rank correlations %s and %s).",
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
                        "the %s coordinate goes with none of the measured features (at most %s)", which, correlation)
                : String.format(
                        "the %s coordinate goes most with %s (%s)", which, described(most.feature()), correlation);
    }

    /** Concludes which features can be read from the code in every seed, in some and in none. */
    private static String encoded(List<LatentAxes> seeds) {
        String every = named(seeds, values -> values.min().orElseThrow() >= CORRELATED);
        String none = named(seeds, values -> values.max().orElseThrow() < CORRELATED);
        String some = named(seeds, values -> {
            DoubleSummaryStatistics range = values.summaryStatistics();
            return range.getMin() < CORRELATED && range.getMax() >= CORRELATED;
        });
        List<String> parts = new ArrayList<>();
        if (!every.isEmpty()) parts.add(every + (seeds.size() == 1 ? "" : " in every seed"));
        if (!some.isEmpty()) parts.add(some + " in some seeds only");
        return (parts.isEmpty()
                ? ""
                : " So the code tells of " + String.join(", of ", parts)
                        + (none.isEmpty() ? "." : ", but hardly of " + none + "."));
    }

    private static String named(List<LatentAxes> seeds, Predicate<DoubleStream> kind) {
        return Words.list(IntStream.range(0, LatentAxes.features().size())
                .filter(i -> kind.test(DoubleStream.of(both(seeds, i).values())))
                .mapToObj(i -> described(seeds.get(0).correlations().get(i).feature()))
                .toList());
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
    static String planes(FinishedRun<Prob5.Metrics> ae, FinishedRun<Prob6.Metrics> cae) {
        FinishedRun<Prob5.Metrics> one = ae.withSeedsOf(cae);
        FinishedRun<Prob6.Metrics> other = cae.withSeedsOf(ae);
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
