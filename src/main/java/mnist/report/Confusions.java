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
 * The confusions of problem 4's classifier. Counts are compared by Student's t, paired by seed, and those of a single
 * seed by the sign test. The sums over seeds are not tested: all confuse the same test images.
 *
 * @param seeds the confusion matrix of each seed
 */
public record Confusions(List<ConfusionMatrix> seeds) {
    /**
     * One class taken for another, over the seeds.
     *
     * @param share of the true class's images
     * @param probability of the two directions as unequal, times the number of pairs of classes
     * @param first in how many seeds no confusion is more frequent
     */
    public record Pair(
            int truth, int predicted, Sample count, Sample reverse, double share, double probability, long first) {
        /** Returns whether it is shown to happen more often than the reverse. */
        public boolean isOneSided() {
            return probability < Comparison.SIGNIFICANT && count.mean() > reverse.mean();
        }

        /** Returns how often the two are taken for each other, in the mean. */
        public double both() {
            return count.mean() + reverse.mean();
        }
    }

    /**
     * How many images of others a class receives, and how many of its own it gives.
     *
     * @param probability of the two as unequal, times the number of classes
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

    /** Returns the matrix of the first seed, which is shown. */
    public ConfusionMatrix matrix() {
        return seeds.get(0);
    }

    public int classes() {
        return matrix().counts().length;
    }

    /** Returns how many pairs of classes the most frequent confusions were picked from. */
    public int picked() {
        return classes() * (classes() - 1) / 2;
    }

    /** Returns how often one class is taken for another. */
    public Sample count(int truth, int predicted) {
        return Sample.of(seeds, seed -> seed.counts()[truth][predicted]);
    }

    /** Returns the confusions that happened, the most frequent first. */
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

    /** Returns all classes, the one with the largest excess of images received first. */
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

    /** Returns the probability of counts as unequal, times the number of questions asked (Bonferroni). */
    private static double corrected(Sample count, Sample other, int questions) {
        double probability = count.values().length == 1
                ? Sample.signTest((long) count.mean(), (long) other.mean())
                : count.minus(other).probability();
        return Math.min(1, questions * probability);
    }
}
