package mnist.report;

import static mnist.report.Words.percent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import mnist.evaluation.Sample;
import mnist.evaluation.SignTest;
import mnist.study.FilterEdge;
import mnist.study.RecordedMetrics;

/**
 * What problem 4 says of confusions and filters. Counts are compared by Student's t, paired by seed, and those of a single
 * seed by the sign test. The sums over seeds are not tested: all confuse the same test images.
 *
 * @param seeds the confusion matrix of each seed
 */
record ConfusionValues(List<long[][]> seeds) {
    private static final double SIGNIFICANT = 0.05;
    private static final int LISTED = 5;

    /** One class taken for another, over the seeds. */
    private record Pair(int truth, int predicted, Sample count, Sample reverse, double probability) {
        /** Returns whether it is shown to happen more often than the reverse. */
        boolean oneSided() {
            return probability < SIGNIFICANT && count.mean() > reverse.mean();
        }
    }

    static ConfusionValues of(FinishedRun<RecordedMetrics.OfClassifier> cnn) {
        return new ConfusionValues(
                cnn.seeds().stream().map(seed -> seed.metrics().confusion()).toList());
    }

    private int classes() {
        return seeds.get(0).length;
    }

    private Sample count(int truth, int predicted) {
        return Sample.of(seeds, counts -> counts[truth][predicted]);
    }

    private double size(int truth) {
        return row(seeds.get(0), truth);
    }

    /** Returns the confusions that happened, the most frequent first. */
    private List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (int a = 0; a < classes(); a++) {
            for (int b = 0; b < classes(); b++) {
                Sample count = count(a, b);
                if (a == b || count.mean() == 0) continue;
                Sample reverse = count(b, a);
                pairs.add(new Pair(a, b, count, reverse, corrected(count, reverse, picked())));
            }
        }
        pairs.sort(Comparator.comparingDouble((Pair pair) -> pair.count.mean()).reversed());
        return pairs;
    }

    /** Returns the probability of counts as unequal, times the number of questions asked (Bonferroni). */
    private static double corrected(Sample count, Sample other, int questions) {
        double probability = count.values().length == 1
                ? SignTest.probability((long) count.mean(), (long) other.mean())
                : count.minus(other).probability();
        return Math.min(1, questions * probability);
    }

    /** Names the test. */
    String test() {
        return seeds.size() == 1 ? "exact two-sided sign test" : "Student's t, paired by seed";
    }

    boolean confused() {
        return !pairs().isEmpty();
    }

    List<Map<String, Object>> rows() {
        return pairs().stream()
                .limit(LISTED)
                .map(pair -> Map.<String, Object>of(
                        "truth", pair.truth,
                        "predicted", pair.predicted,
                        "count", counted(pair.count),
                        "share", percent(pair.count.mean() / size(pair.truth), 1),
                        "reverse", counted(pair.reverse),
                        "probability", probability(pair.probability).replace("= ", ""),
                        "why", Words.alike(pair.truth, pair.predicted)))
                .toList();
    }

    private static String counted(Sample count) {
        return count.format(count.values().length == 1 ? "%.0f" : "%.1f");
    }

    private static String probability(double probability) {
        return probability < 0.001 ? "< 0.001" : String.format("= %.3f", probability);
    }

    /** Says which confusion is the most frequent, which are one-sided, and which digits errors gather in. */
    String comment() {
        List<Pair> pairs = pairs();
        if (pairs.isEmpty()) return "";
        Pair worst = pairs.get(0);
        double share = worst.count.mean() / size(worst.truth);
        String weight = String.format(
                share < 0.02 ? "Yet even this one concerns only one %d in %d%s." : "It concerns one %d in %d%s.",
                worst.truth,
                Math.round(1 / share),
                seeds.size() == 1
                        ? ""
                        : String.format(", and comes first in %d of %d seeds", first(worst), seeds.size()));
        List<Pair> oneSided =
                pairs.stream().limit(LISTED).filter(Pair::oneSided).toList();
        String direction = oneSided.isEmpty()
                ? "None of those in the table is shown to happen more often than its reverse."
                : Words.list(oneSided.stream()
                                .map(pair -> pair.truth + "→" + pair.predicted)
                                .toList())
                        + (oneSided.size() == 1
                                ? " is shown to happen more often than its reverse."
                                : " are shown to happen more often than their reverse.");
        double errors = pairs.stream().mapToDouble(pair -> pair.count.mean()).sum();
        int kinds = classes() * (classes() - 1);
        return String.format(
                "%sThe most frequent confusion (\\ref{confusions})%s is of %ds taken for %ds, %s times; if all %d confusions were alike, each would happen %.1f times. %s%s %s %s%s%s",
                ofFirst(),
                seeds.size() == 1 ? "" : ", in the mean over the seeds,",
                worst.truth,
                worst.predicted,
                counted(worst.count),
                kinds,
                errors / kinds,
                weight,
                mutual(pairs),
                direction,
                sinks(),
                fourAndNine(pairs),
                seeds.size() == 1 ? " All of this is of one training; another seed may have another order." : "");
    }

    /** Names the pairs of digits that are taken for each other most often, where there are enough to compare. */
    private String mutual(List<Pair> pairs) {
        if (classes() < 3) return "";
        return pairs.stream()
                .filter(pair -> pair.truth < pair.predicted || pair.reverse.mean() == 0)
                .sorted(Comparator.comparingDouble((Pair pair) -> -pair.count.mean() - pair.reverse.mean()))
                .limit(3)
                .map(pair -> String.format(
                        "%d and %d (%s)",
                        Math.min(pair.truth, pair.predicted),
                        Math.max(pair.truth, pair.predicted),
                        Words.number(pair.count.mean() + pair.reverse.mean(), seeds.size() == 1 ? 0 : 1)))
                .collect(Collectors.collectingAndThen(
                        Collectors.toList(),
                        list -> " In both directions together, the most confused are " + Words.list(list) + "."));
    }

    /** Says which confusions are the most frequent in the matrix that is shown, where there are several. */
    private String ofFirst() {
        if (seeds.size() == 1) return "";
        ConfusionValues first = new ConfusionValues(seeds.subList(0, 1));
        return first.pairs().stream()
                .limit(4)
                .map(pair -> String.format(
                        "%d→%d (%s: %s)",
                        pair.truth, pair.predicted, counted(pair.count), Words.alike(pair.truth, pair.predicted)))
                .collect(Collectors.joining(
                        ", ",
                        "In the matrix shown the most frequent confusions are ",
                        "; their order varies with the seed. "));
    }

    /** Returns how many pairs of digits the most frequent confusions were picked from. */
    int picked() {
        return classes() * (classes() - 1) / 2;
    }

    /** Returns in how many seeds no confusion is more frequent than one. */
    private long first(Pair pair) {
        return seeds.stream()
                .filter(counts -> IntStream.range(0, classes())
                        .allMatch(a -> IntStream.range(0, classes())
                                .allMatch(b -> a == b || counts[a][b] <= counts[pair.truth][pair.predicted])))
                .count();
    }

    /** Names the digits that others are taken for more often than the reverse, or the one that comes nearest to it. */
    private String sinks() {
        List<String> shown = new ArrayList<>();
        String most = "";
        double excess = 0;
        for (int digit = 0; digit < classes(); digit++) {
            int d = digit;
            Sample into = Sample.of(seeds, counts -> column(counts, d) - counts[d][d]);
            Sample from = Sample.of(seeds, counts -> row(counts, d) - counts[d][d]);
            double probability = corrected(into, from, classes());
            String sink = String.format(
                    "%d (%s other images are taken for it, %s of its own for others; p %s after Bonferroni for %d digits)",
                    d, counted(into), counted(from), probability(probability), classes());
            if (into.mean() > from.mean() && probability < SIGNIFICANT) shown.add(sink);
            if (into.mean() - from.mean() > excess) {
                excess = into.mean() - from.mean();
                most = sink;
            }
        }
        if (!shown.isEmpty()) return "Errors gather in " + Words.list(shown) + ".";
        return "No digit is shown to receive more errors than it gives"
                + (most.isEmpty() ? "." : "; the largest excess is that of " + most + ".");
    }

    private static long column(long[][] counts, int column) {
        return IntStream.range(0, counts.length)
                .mapToLong(i -> counts[i][column])
                .sum();
    }

    private static long row(long[][] counts, int row) {
        return LongStream.of(counts[row]).sum();
    }

    /** Says that 4 and 9 are rarely confused, where they are. */
    private String fourAndNine(List<Pair> pairs) {
        if (classes() < 10) return "";
        boolean listed = pairs.stream()
                .limit(LISTED)
                .anyMatch(
                        pair -> Math.min(pair.truth, pair.predicted) == 4 && Math.max(pair.truth, pair.predicted) == 9);
        return listed
                ? ""
                : String.format(
                        " 4 and 9, alike in %s, are not among the most frequent: 4→9 happens %s times, 9→4 %s.",
                        Words.alike(4, 9), counted(count(4, 9)), counted(count(9, 4)));
    }

    /** Says which filters are edge detectors, by their weights. */
    static String filters(FinishedRun<RecordedMetrics.OfClassifier> cnn) {
        List<FilterEdge> edges = cnn.metrics().edges();
        Sample detectors = cnn.measured(
                m -> m.edges().stream().filter(FilterEdge::isDetector).count());
        List<Integer> best = IntStream.range(0, edges.size())
                .boxed()
                .filter(i -> edges.get(i).isDetector())
                .sorted(Comparator.comparingDouble(i -> -edges.get(i).share()))
                .limit(4)
                .toList();
        String named = best.stream()
                .map(i -> String.format(
                        "%d (%s, %s)",
                        i + 1, percent(edges.get(i).share(), 0), edges.get(i).towards()))
                .collect(Collectors.joining(", "));
        return String.format(
                "How far a filter is an edge detector is measured by the share of its weights' variance that an even rise in one direction explains: %s in the mean of all filters, and %s of independent random weights. In %s of the %d filters%s the share is more than %s: these are called edge detectors. Of random filters %s would be.%s",
                percent(
                        cnn.measured(m ->
                                        Sample.of(m.edges(), FilterEdge::share).mean())
                                .mean(),
                        0),
                percent(FilterEdge.RANDOM, 0),
                counted(detectors),
                edges.size(),
                cnn.seeds().size() == 1
                        ? ""
                        : String.format(
                                " (95 %% interval of the mean %.1f to %.1f)",
                                detectors.mean() - detectors.margin(0.95), detectors.mean() + detectors.margin(0.95)),
                percent(FilterEdge.DETECTOR, 0),
                Words.number(edges.size() * FilterEdge.RANDOM_DETECTORS, 1),
                best.isEmpty()
                        ? ""
                        : " The clearest of those shown, with the side of the edge that has the ink, are " + named
                                + ". Such a filter responds with one sign where a stroke has an edge of its direction, and with the other at the stroke's opposite edge (\\ref{prob4-responses}), unless its weights have a large sum, which hides the difference.");
    }
}
