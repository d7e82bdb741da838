package mnist.prob5;

import java.util.Random;

/** Problem 5.2: a corruption process on points of the plane. */
public final class Corruption {
    /** Standard deviation of the noise on each coordinate. */
    public static final double STD = 0.1;

    /** Number of points. */
    public static final int POINTS = 400;

    private Corruption() {}

    /** Returns points of y = x² with x even over -1..1: two rows of n numbers. */
    static double[][] parabola(int n) {
        double[][] points = new double[2][n];
        for (int i = 0; i < n; i++) {
            points[0][i] = -1 + 2.0 * i / (n - 1);
            points[1][i] = points[0][i] * points[0][i];
        }
        return points;
    }

    /** Draws from C(x̂ | x) = N(x, σ²I) for each point x. */
    static double[][] corrupt(double[][] points, long seed) {
        Random random = new Random(seed);
        double[][] corrupted = new double[2][points[0].length];
        for (int i = 0; i < points[0].length; i++) {
            for (int axis = 0; axis < 2; axis++) corrupted[axis][i] = points[axis][i] + STD * random.nextGaussian();
        }
        return corrupted;
    }
}
