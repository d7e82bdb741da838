package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import mnist.evaluation.Sample;
import mnist.evaluation.SignTest;

/**
 * The confusions of problem 4's classifier. Counts are compared by Student's t, paired by seed, and those of a single
 * seed by the sign test. The sums over seeds are not tested: all confuse the same test images.
 *
 * @param seeds the confusion matrix of each seed
 */
public record Confusions(List<long[][]> seeds) {
    private static final double SIGNIFICANT = 0.05;

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
            return probability < SIGNIFICANT && count.mean() > reverse.mean();
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
            return probability < SIGNIFICANT && excess() > 0;
        }

        public double excess() {
            return into.mean() - from.mean();
        }
    }

    public int classes() {
        return seeds.get(0).length;
    }

    /** Returns how many pairs of classes the most frequent confusions were picked from. */
    public int picked() {
        return classes() * (classes() - 1) / 2;
    }

    /** Returns how often one class is taken for another. */
    public Sample count(int truth, int predicted) {
        return Sample.of(seeds, counts -> counts[truth][predicted]);
    }

    /** Returns the confusions that happened, the most frequent first. */
    public List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        for (int truth = 0; truth < classes(); truth++) {
            for (int predicted = 0; predicted < classes(); predicted++) {
                Sample count = count(truth, predicted);
                if (truth != predicted && count.mean() > 0) pairs.add(pair(truth, predicted, count));
            }
        }
        pairs.sort(Comparator.comparingDouble((Pair pair) -> pair.count.mean()).reversed());
        return pairs;
    }

    private Pair pair(int truth, int predicted, Sample count) {
        Sample reverse = count(predicted, truth);
        double share = count.mean() / row(seeds.get(0), truth);
        long first = seeds.stream()
                .filter(counts -> mostFrequent(counts) == counts[truth][predicted])
                .count();
        return new Pair(truth, predicted, count, reverse, share, corrected(count, reverse, picked()), first);
    }

    private static long mostFrequent(long[][] counts) {
        return IntStream.range(0, counts.length)
                .mapToLong(i -> IntStream.range(0, counts.length)
                        .filter(j -> j != i)
                        .mapToLong(j -> counts[i][j])
                        .max()
                        .orElse(0))
                .max()
                .orElse(0);
    }

    /** Returns the pairs of classes in one direction each, those most often taken for each other first. */
    public List<Pair> mutual() {
        return pairs().stream()
                .filter(pair -> pair.truth < pair.predicted || pair.reverse.mean() == 0)
                .sorted(Comparator.comparingDouble(Pair::both).reversed())
                .toList();
    }

    /** Returns the confusions of the first seed. */
    public List<Pair> ofFirst() {
        return new Confusions(seeds.subList(0, 1)).pairs();
    }

    /** Returns how often any class is taken for another, in the mean. */
    public double errors() {
        return pairs().stream().mapToDouble(pair -> pair.count.mean()).sum();
    }

    /** Returns all classes, the one with the largest excess of images received first. */
    public List<Sink> sinks() {
        return IntStream.range(0, classes())
                .mapToObj(digit -> {
                    Sample into = Sample.of(seeds, counts -> column(counts, digit) - counts[digit][digit]);
                    Sample from = Sample.of(seeds, counts -> row(counts, digit) - counts[digit][digit]);
                    return new Sink(digit, into, from, corrected(into, from, classes()));
                })
                .sorted(Comparator.comparingDouble(Sink::excess).reversed())
                .toList();
    }

    private static long column(long[][] counts, int column) {
        return IntStream.range(0, counts.length)
                .mapToLong(i -> counts[i][column])
                .sum();
    }

    private static long row(long[][] counts, int row) {
        return LongStream.of(counts[row]).sum();
    }

    /** Returns the probability of counts as unequal, times the number of questions asked (Bonferroni). */
    private static double corrected(Sample count, Sample other, int questions) {
        double probability = count.values().length == 1
                ? SignTest.probability((long) count.mean(), (long) other.mean())
                : count.minus(other).probability();
        return Math.min(1, questions * probability);
    }
}
