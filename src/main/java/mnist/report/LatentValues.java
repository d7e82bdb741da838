package mnist.report;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
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
        StringBuilder text = new StringBuilder(String.format(
                "In the plane shown, %s, and %s.",
                axis("first", features, Correlation::first), axis("second", features, Correlation::second)));
        text.append(" The multiple rank correlation of both coordinates with a feature");
        text.append(explained ? " is " : " depends less on how the plane is turned; it is ");
        for (int i = 0; i < features.size(); i++) {
            int feature = i;
            Sample both =
                    Sample.of(seeds, axes -> axes.correlations().get(feature).both());
            text.append(i == 0 ? "" : i == features.size() - 1 ? " and " : ", ")
                    .append(both.format("%.2f"))
                    .append(" for ")
                    .append(described(features.get(i).feature()));
        }
        return text.append(seeds.size() == 1 ? "." : String.format(" (%d seeds).", seeds.size()))
                .toString();
    }

    private static String axis(String which, List<Correlation> features, ToDoubleFunction<Correlation> value) {
        Correlation most = features.stream()
                .max(Comparator.comparingDouble(feature -> Math.abs(value.applyAsDouble(feature))))
                .orElseThrow();
        double rho = value.applyAsDouble(most);
        String correlation = "rank correlation " + Words.number(rho, 2);
        return Math.abs(rho) < CORRELATED
                ? String.format(
                        "the %s coordinate goes with none of the measured features (at most %s)", which, correlation)
                : String.format(
                        "the %s coordinate goes most with %s (%s)", which, described(most.feature()), correlation);
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
