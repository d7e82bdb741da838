package mnist.evaluation;

/** Student's t distribution with a whole number of degrees of freedom, for which its integral is a finite sum. */
final class StudentT {
    private StudentT() {}

    /** Returns the t within which, on both sides of zero, a share of the distribution lies. */
    static double quantile(double share, int freedom) {
        double low = 0;
        double high = Math.PI / 2;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (within(middle, freedom) < share) low = middle;
            else high = middle;
        }
        return Math.sqrt(freedom) * Math.tan(low);
    }

    /** Returns the share of the distribution that lies beyond t, on both sides of zero. */
    static double beyond(double t, int freedom) {
        return 1 - within(Math.atan(t / Math.sqrt(freedom)), freedom);
    }

    /** Returns the share of the distribution between -t and t, where t is √freedom · tan(angle). */
    private static double within(double angle, int freedom) {
        double cos = Math.cos(angle);
        boolean odd = freedom % 2 == 1;
        double term = odd ? cos : 1;
        double sum = 0;
        for (int k = odd ? 3 : 2; k <= freedom; k += 2) {
            sum += term;
            term *= cos * cos * (k - 1) / k;
        }
        return odd ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
    }
}
