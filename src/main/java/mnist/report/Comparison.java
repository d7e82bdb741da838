package mnist.report;

import java.util.function.ToDoubleFunction;
import mnist.evaluation.Difference;
import mnist.evaluation.Sample;

/**
 * Compares a quantity of two networks over the seeds that both were trained with. A difference is claimed only where
 * its 95 % interval excludes zero, and so never of one seed.
 *
 * @param words that end a sentence, after a colon
 */
record Comparison(Difference difference, String words) {
    /** Compares losses by their ratio, in the mean of its logarithms. */
    static Comparison ofLosses(Sample losses, Sample others) {
        Difference logs = Difference.of(losses.log(), others.log());
        double ratio = Math.exp(logs.mean());
        String average = Math.abs(ratio - 1) < 0.02
                ? Words.number(100 * Math.abs(ratio - 1), 1) + " % " + (ratio < 1 ? "lower" : "higher")
                : Words.compared(ratio, 1);
        String interval = interval(ratio, Math.exp(logs.low()), Math.exp(logs.high()));
        return new Comparison(logs, words(logs, average, interval));
    }

    /** Compares fractions by their difference, in percentage points. */
    static Comparison ofShares(Sample shares, Sample others) {
        Difference difference = Difference.of(shares, others);
        String average = Words.points(difference.mean(), 0);
        return new Comparison(difference, words(difference, average, interval(difference, 100, 1)));
    }

    /** Compares numbers by their difference. */
    static Comparison ofNumbers(Sample values, Sample others) {
        Difference difference = Difference.of(values, others);
        String average = Words.number(Math.abs(difference.mean()), 3) + (difference.mean() < 0 ? " lower" : " higher");
        return new Comparison(difference, words(difference, average, interval(difference, 1, 3)));
    }

    /** Writes the interval of a difference, in the direction that its mean has. */
    private static String interval(Difference difference, double scale, int digits) {
        double signed = difference.mean() < 0 ? -scale : scale;
        double one = signed * difference.low();
        double other = signed * difference.high();
        return Words.number(Math.min(one, other), digits) + " to " + Words.number(Math.max(one, other), digits);
    }

    /** Compares losses of two runs over the seeds that both have. */
    static <A, B> Comparison ofLosses(
            FinishedRun<A> run,
            ToDoubleFunction<FinishedRun.Seed<A>> loss,
            FinishedRun<B> other,
            ToDoubleFunction<FinishedRun.Seed<B>> otherLoss) {
        return ofLosses(
                run.withSeedsOf(other).sample(loss), other.withSeedsOf(run).sample(otherLoss));
    }

    private static String words(Difference difference, String average, String interval) {
        if (difference.pairs() == 0) return "no seed is common to both, so that they are not compared";
        if (difference.pairs() == 1) return average + " in this run, of one seed";
        return difference.excludesZero()
                ? average + " (95 % interval " + interval + ")"
                : String.format("a difference is not shown (on average %s, 95 %% interval %s)", average, interval);
    }

    /** Writes the interval of a ratio in the terms of {@link Words#compared}: factors, or percent. */
    private static String interval(double ratio, double low, double high) {
        boolean lower = ratio < 1;
        if (Math.max(ratio, 1 / ratio) >= 2)
            return factor(lower ? 1 / high : low) + " to " + factor(lower ? 1 / low : high);
        double one = 100 * (lower ? 1 - high : low - 1);
        double other = 100 * (lower ? 1 - low : high - 1);
        int digits = Math.abs(ratio - 1) < 0.02 ? 1 : 0;
        return Words.number(one, digits) + " to " + (other > 1000 ? "over 1000" : Words.number(other, digits)) + " %";
    }

    private static String factor(double factor) {
        return factor > 1000 ? "over 1000" : Words.number(factor, factor < 10 ? 1 : 0);
    }

    /** Returns what is to be concluded where the value is lower, and where it is higher; nothing where neither is shown. */
    String concluded(String lower, String higher) {
        return isLower() ? lower : isHigher() ? higher : "";
    }

    boolean isLower() {
        return difference.isBelowZero();
    }

    boolean isHigher() {
        return difference.isAboveZero();
    }
}
