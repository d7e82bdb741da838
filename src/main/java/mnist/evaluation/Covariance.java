package mnist.evaluation;

import java.util.Arrays;

/**
 * The scatter matrix of two quantities: sums of products of their deviations from the means.
 *
 * @param xx of the first with itself
 * @param xy of both
 * @param yy of the second with itself
 */
public record Covariance(double xx, double xy, double yy) {
    public static Covariance of(double[] x, double[] y) {
        double meanX = new Sample(x).mean();
        double meanY = new Sample(y).mean();
        double xx = 0;
        double xy = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            xy += (x[i] - meanX) * (y[i] - meanY);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return new Covariance(xx, xy, yy);
    }

    /** Takes the two coordinates of points. */
    public static Covariance of(float[][] points) {
        return of(
                Arrays.stream(points).mapToDouble(point -> point[0]).toArray(),
                Arrays.stream(points).mapToDouble(point -> point[1]).toArray());
    }

    /** Returns Pearson's correlation; 0 if either quantity is constant. */
    public double correlation() {
        return xx == 0 || yy == 0 ? 0 : xy / Math.sqrt(xx * yy);
    }

    /** Returns the direction of the largest variance, in radians. */
    public double mainAxis() {
        return Math.atan2(2 * xy, xx - yy) / 2;
    }

    /** Returns the root of the ratio of the covariance matrix's eigenvalues, the smaller over the larger. */
    double axisRatio() {
        double middle = (xx + yy) / 2;
        double offset = Math.hypot((xx - yy) / 2, xy);
        return middle == 0 ? 0 : Math.sqrt(Math.max(0, middle - offset) / (middle + offset));
    }
}
