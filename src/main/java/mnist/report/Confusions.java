package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import mnist.evaluation.Comparison;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.Sample;
import mnist.study.RecordedMetrics;

/**
 * The confusions of problem 4's classifier. Counts are compared by Student's t-test, paired by seed, or for a single
 * seed by the sign test. Sums over seeds are not tested, because all seeds have the same test images.
 *
 * @param seeds the confusion matrix of each seed
 */
public record Confusions(List<ConfusionMatrix> seeds) {
    /**
     * A true class and a different predicted class, over the seeds.
     *
     * @param share of the true class's images
     * @param probability p-value for equal counts in both directions, times the number of pairs of classes
     * @param first number of seeds in which no confusion is more frequent
     */
    public record Pair(
            int truth, int predicted, Sample count, Sample reverse, double share, double probability, long first) {
        /** Returns whether it is significantly more frequent than the reverse. */
        public boolean isOneSided() {
            return probability < Comparison.SIGNIFICANT && count.mean() > reverse.mean();
        }

        /** Returns the mean number of confusions between the two, in both directions. */
        public double both() {
            return count.mean() + reverse.mean();
        }
    }

    /**
     * The numbers of other classes' images predicted as a class, and of its images predicted as others.
     *
     * @param probability p-value for equal numbers, times the number of classes
     */
    public record Sink(int digit, Sample into, Sample from, double probability) {
        public boolean isShown() {
            return probability < Comparison.SIGNIFICANT && excess() > 0;
        }

        public double excess() {
            return into.mean() - from.mean();
        }
    }

    static Confusions of(FinishedRun<RecordedMetrics.OfClassifier> run) {
        return new Confusions(run.seeds().stream()
                .map(seed -> new ConfusionMatrix(seed.metrics().confusion()))
                .toList());
    }

    /** Returns the matrix of the first seed, which the report shows. */
    public ConfusionMatrix matrix() {
        return seeds.get(0);
    }

    public int classes() {
        return matrix().counts().length;
    }

    /** Returns the number of pairs of classes. */
    public int picked() {
        return classes() * (classes() - 1) / 2;
    }

    /** Returns the count of a confusion for each seed. */
    public Sample count(int truth, int predicted) {
        return Sample.of(seeds, seed -> seed.counts()[truth][predicted]);
    }

    /** Returns the confusions with a count above 0, the most frequent first. */
    public List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (int truth = 0; truth < classes(); truth++) {
            for (int predicted = 0; predicted < classes(); predicted++) {
                Sample count = count(truth, predicted);
                if (predicted == truth || count.mean() == 0) continue;
                Sample reverse = count(predicted, truth);
                double share = count.mean() / matrix().size(truth);
                double probability = corrected(count, reverse, picked());
                pairs.add(new Pair(truth, predicted, count, reverse, share, probability, first(truth, predicted)));
            }
        }
        pairs.sort(Comparator.comparingDouble(pair -> -pair.count.mean()));
        return pairs;
    }

    private long first(int truth, int predicted) {
        return seeds.stream()
                .filter(seed -> seed.confusions().stream()
                        .allMatch(confusion -> confusion.count() <= seed.counts()[truth][predicted]))
                .count();
    }

    /** Returns all classes in descending order of their excess. */
    public List<Sink> sinks() {
        return IntStream.range(0, classes())
                .mapToObj(digit -> {
                    Sample into = Sample.of(seeds, seed -> seed.taken(digit) - seed.counts()[digit][digit]);
                    Sample from = Sample.of(seeds, seed -> seed.size(digit) - seed.counts()[digit][digit]);
                    return new Sink(digit, into, from, corrected(into, from, classes()));
                })
                .sorted(Comparator.comparingDouble(sink -> -sink.excess()))
                .toList();
    }

    /** Returns the p-value for equal counts, times the number of tests (Bonferroni). */
    private static double corrected(Sample count, Sample other, int questions) {
        double probability = count.values().length == 1
                ? Sample.signTest((long) count.mean(), (long) other.mean())
                : count.minus(other).probability();
        return Math.min(1, questions * probability);
    }
}
