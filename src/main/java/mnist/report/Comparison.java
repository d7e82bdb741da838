package mnist.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import mnist.evaluation.Difference;
import mnist.evaluation.Sample;

/**
 * Compares a quantity of two networks over the seeds that both were trained with. A difference is claimed only where
 * its probability is below 0.05, and so never of one seed.
 *
 * @param probability of the difference by chance: of Student's t, or corrected for a table's other rows
 * @param amount the size of the mean difference: "a factor of 23", "8 %", "22.9 points"
 * @param interval of the average, in the direction that it has
 * @param estimate the mean difference as in a table: "× 0.49" or "−22.9 points"
 * @param range its interval, as in a table
 * @param agreeing in how many of the seeds the difference has the sign of the mean
 */
record Comparison(
        Difference difference,
        double probability,
        String amount,
        String interval,
        String estimate,
        String range,
        int agreeing) {
    private static final double SIGNIFICANT = 0.05; // then the 95 % interval excludes zero, too

    /** Compares losses by their ratio, in the mean of its logarithms. */
    static Comparison ofLosses(Sample losses, Sample others) {
        Difference logs = Difference.of(losses.log(), others.log());
        double ratio = Math.exp(logs.mean());
        double low = Math.exp(logs.low());
        double high = Math.exp(logs.high());
        return new Comparison(
                logs,
                logs.probability(),
                Words.ratio(ratio),
                interval(ratio, low, high),
                "× " + ratio(ratio, ratio),
                ratio(low, ratio) + " to " + ratio(high, ratio),
                agreeing(losses.log(), others.log()));
    }

    /** Compares fractions by their difference, in percentage points. */
    static Comparison ofShares(Sample shares, Sample others) {
        Difference difference = Difference.of(shares, others);
        String amount = Words.number(100 * Math.abs(difference.mean()), 1) + " points";
        return of(difference, amount, 100, 1, " points", agreeing(shares, others));
    }

    /** Compares numbers by their difference. */
    static Comparison ofNumbers(Sample values, Sample others) {
        Difference difference = Difference.of(values, others);
        String amount = Words.number(Math.abs(difference.mean()), 3);
        return of(difference, amount, 1, 3, "", agreeing(values, others));
    }

    private static Comparison of(
            Difference difference, String amount, double scale, int digits, String unit, int agreeing) {
        double signed = difference.mean() < 0 ? -scale : scale;
        double one = signed * difference.low();
        double other = signed * difference.high();
        return new Comparison(
                difference,
                difference.probability(),
                amount,
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

    /** Returns the same with a probability that was corrected for others. */
    Comparison corrected(double corrected) {
        return new Comparison(difference, corrected, amount, interval, estimate, range, agreeing);
    }

    /** Returns whether something is to be said of the difference: of one seed, how that run was. */
    boolean isClear() {
        return difference.pairs() == 1 || isShown();
    }

    private boolean isShown() {
        return difference.excludesZero() && probability < SIGNIFICANT;
    }

    /** Returns whether only the correction keeps the difference from being shown. */
    boolean isLostByCorrection() {
        return difference.excludesZero() && !isShown();
    }

    /** Returns the mean difference in words before "than": "lower by a factor of 23", "8 % higher". */
    private String average() {
        String direction = difference.mean() < 0 ? "lower" : "higher";
        return amount.startsWith("a factor") ? direction + " by " + amount : amount + " " + direction;
    }

    /** Says what is shown, with its interval, in words that end a sentence after a colon. */
    String words() {
        if (difference.pairs() == 0) return "no seed is common to both, so that they are not compared";
        if (difference.pairs() == 1) return average() + " in this run, of one seed";
        return isClear()
                ? average() + " (95 % interval " + interval + ")"
                : String.format("a difference is not shown (%s, 95 %% interval %s)", estimate, range);
    }

    /** Says what is shown, in a sentence without its full stop. */
    String says(String one, String other) {
        if (difference.pairs() == 0)
            return one + " cannot be compared with " + other + ", as no seed is common to both";
        if (!isClear()) return one + " is not shown to differ from " + other;
        String verb = difference.pairs() == 1 ? "was" : "is"; // one seed describes one run
        return difference.mean() == 0
                ? String.format("%s %s the same as %s", one, verb, other)
                : String.format("%s %s %s than %s", one, verb, average(), other);
    }

    /** Says how something is by comparison, in a clause: "the test error is 8 % lower". */
    String states(String what) {
        if (difference.pairs() == 0) return what + " is not compared, as no seed is common to both";
        if (!isClear()) return what + " is not shown to differ";
        return what + (difference.pairs() == 1 ? " was " : " is ") + average();
    }

    /** Says what is shown, with its interval, in a sentence without its full stop. */
    String saysWithInterval(String one, String other) {
        return says(one, other) + inBrackets();
    }

    /** Returns the interval in brackets, and where nothing is shown the difference, with a space before it. */
    private String inBrackets() {
        if (difference.pairs() < 2) return difference.pairs() == 1 ? " in this run" : "";
        return String.format(" (%s95 %% interval %s)", isClear() ? "" : estimate + ", ", isClear() ? interval : range);
    }

    /** Returns the verb for what causes the difference. */
    String verb() {
        if (difference.pairs() == 1) return difference.mean() < 0 ? "lowered" : "raised"; // it describes one run
        return difference.mean() < 0 ? "lowers" : "raises";
    }

    /**
     * A comparison by which the effect of something is judged.
     *
     * @param where the circumstances, in words; empty where there are no others
     * @param cited what stands in brackets behind them, with a space before it
     */
    record Case(String where, Comparison comparison, String cited) {
        /** Cites the interval of the comparison. */
        static Case of(String where, Comparison comparison) {
            return new Case(where, comparison, comparison.inBrackets());
        }

        String words() {
            return (where.isEmpty() ? "" : " ") + where + cited;
        }

        /** Says what is shown, in a sentence without its full stop. */
        String says(String one, String other) {
            return comparison.says(one, other) + cited;
        }

        /** Returns whether another comparison shows a difference in the same direction. */
        boolean alike(Case other) {
            return (comparison.isLower() && other.comparison.isLower())
                    || (comparison.isHigher() && other.comparison.isHigher());
        }

        /** Says how something is by comparison, in a clause. */
        String states(String what) {
            return comparison.states(what) + cited;
        }

        /** Returns what is to be concluded where the value is lower, and where it is higher. */
        String concluded(String lower, String higher) {
            return comparison.concluded(lower, higher);
        }
    }

    /** Says what effect something is shown to have in which cases, in a sentence without its full stop. */
    static String effect(String cause, String quantity, Case... cases) {
        List<String> parts = new ArrayList<>();
        Stream.of(cases)
                .filter(one -> one.comparison.isClear())
                .collect(Collectors.groupingBy(one -> one.comparison.verb(), LinkedHashMap::new, Collectors.toList()))
                .forEach((verb, alike) -> parts.add(verb + " " + (parts.isEmpty() ? quantity : "it") + " "
                        + Words.list(alike.stream()
                                .map(one -> "by " + one.comparison.amount + one.words())
                                .toList())));
        String unclear = Stream.of(cases)
                .filter(one -> !one.comparison.isClear())
                .map(Case::words)
                .collect(Collectors.joining(" or"));
        if (parts.isEmpty()) return cause + " is not shown to change " + quantity + unclear;
        return cause + " " + Words.list(parts) + (unclear.isEmpty() ? "" : ", but is not shown to change it" + unclear);
    }

    /** Writes the interval of a ratio in the terms of {@link Words#ratio}: factors, or percent. */
    private static String interval(double ratio, double low, double high) {
        boolean lower = ratio < 1;
        if (Math.max(ratio, 1 / ratio) >= 2)
            return factor(lower ? 1 / high : low) + " to " + factor(lower ? 1 / low : high);
        double one = 100 * (lower ? 1 - high : low - 1);
        double other = 100 * (lower ? 1 - low : high - 1);
        int digits = Math.abs(ratio - 1) < 0.02 || other - one < 2 ? 1 : 0;
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
        return isShown() && difference.isBelowZero();
    }

    boolean isHigher() {
        return isShown() && difference.isAboveZero();
    }
}
