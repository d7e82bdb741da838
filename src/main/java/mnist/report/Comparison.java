package mnist.report;

import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import mnist.evaluation.Difference;
import mnist.evaluation.Sample;

/**
 * Compares a quantity of two networks over the seeds that both were trained with. A difference is claimed only where
 * its 95 % interval excludes zero, and so never of one seed.
 *
 * @param average the mean difference, in words before "than"
 * @param interval of the average, in the direction that it has
 * @param estimate the mean difference as in a table: "× 0.49" or "−22.9 points"
 * @param range its interval, as in a table
 * @param agreeing in how many of the seeds the difference has the sign of the mean
 */
record Comparison(Difference difference, String average, String interval, String estimate, String range, int agreeing) {
    /** Compares losses by their ratio, in the mean of its logarithms. */
    static Comparison ofLosses(Sample losses, Sample others) {
        Difference logs = Difference.of(losses.log(), others.log());
        double ratio = Math.exp(logs.mean());
        double low = Math.exp(logs.low());
        double high = Math.exp(logs.high());
        String average = Math.abs(ratio - 1) < 0.02
                ? Words.number(100 * Math.abs(ratio - 1), 1) + " % " + (ratio < 1 ? "lower" : "higher")
                : Words.compared(ratio, 1);
        return new Comparison(
                logs,
                average,
                interval(ratio, low, high),
                "× " + ratio(ratio, ratio),
                ratio(low, ratio) + " to " + ratio(high, ratio),
                agreeing(losses.log(), others.log()));
    }

    /** Compares fractions by their difference, in percentage points. */
    static Comparison ofShares(Sample shares, Sample others) {
        Difference difference = Difference.of(shares, others);
        String average = Words.points(difference.mean(), 0);
        return of(difference, average, 100, 1, " points", agreeing(shares, others));
    }

    /** Compares numbers by their difference. */
    static Comparison ofNumbers(Sample values, Sample others) {
        Difference difference = Difference.of(values, others);
        String average = Words.number(Math.abs(difference.mean()), 3) + (difference.mean() < 0 ? " lower" : " higher");
        return of(difference, average, 1, 3, "", agreeing(values, others));
    }

    private static Comparison of(
            Difference difference, String average, double scale, int digits, String unit, int agreeing) {
        double signed = difference.mean() < 0 ? -scale : scale;
        double one = signed * difference.low();
        double other = signed * difference.high();
        return new Comparison(
                difference,
                average,
                Words.number(Math.min(one, other), digits) + " to " + Words.number(Math.max(one, other), digits),
                Words.number(scale * difference.mean(), digits) + unit,
                Words.number(scale * difference.low(), digits) + " to "
                        + Words.number(scale * difference.high(), digits),
                agreeing);
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

    private static int agreeing(Sample values, Sample others) {
        Sample differences = values.minus(others);
        return (int) DoubleStream.of(differences.values())
                .filter(value -> value * differences.mean() > 0)
                .count();
    }

    /** Says what is shown, with its interval, in words that end a sentence after a colon. */
    String words() {
        if (difference.pairs() == 0) return "no seed is common to both, so that they are not compared";
        if (difference.pairs() == 1) return average + " in this run, of one seed";
        return difference.excludesZero()
                ? average + " (95 % interval " + interval + ")"
                : String.format("a difference is not shown (%s, 95 %% interval %s)", estimate, range);
    }

    /** Says what is shown, in a sentence without its full stop. */
    String says(String one, String other) {
        if (difference.pairs() == 0)
            return one + " cannot be compared with " + other + ", as no seed is common to both";
        if (difference.pairs() > 1 && !difference.excludesZero()) return one + " is not shown to differ from " + other;
        return String.format(
                "%s %s %s %s %s",
                one,
                difference.pairs() == 1 ? "was" : "is", // it describes one run
                average,
                average.equals("the same") ? "as" : "than",
                other);
    }

    /** Says what is shown, with its interval, in a sentence without its full stop. */
    String saysWithInterval(String one, String other) {
        if (difference.pairs() == 0) return says(one, other);
        if (difference.pairs() == 1) return says(one, other) + " in this run";
        String numbers =
                difference.excludesZero() ? "95 % interval " + interval : estimate + ", 95 % interval " + range;
        return says(one, other) + " (" + numbers + ")";
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

    private static String ratio(double value, double mean) {
        if (value > 1000) return "over 1000";
        return Words.number(value, mean < 0.5 || Math.abs(mean - 1) < 0.1 ? 3 : mean < 10 ? 2 : 1);
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
