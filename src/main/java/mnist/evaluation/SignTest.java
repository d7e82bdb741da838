package mnist.evaluation;

/** The exact test of whether two counts come of the same rate. */
public final class SignTest {
    private SignTest() {}

    /** Returns the two-sided probability of counts at least as unequal, where each event is of either kind by half. */
    public static double probability(long count, long other) {
        long n = count + other;
        double term = Math.pow(
                0.5, (double) n); // of none of one kind; MNIST's counts are far from the 1074 where it underflows
        double sum = 0;
        for (long k = 0; k <= Math.min(count, other); k++) {
            sum += term;
            term *= (double) (n - k) / (k + 1);
        }
        return Math.min(1, 2 * sum);
    }
}
