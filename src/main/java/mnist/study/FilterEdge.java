package mnist.study;

import java.util.List;

/**
 * Measures to what degree a filter is an edge detector. A filter whose weights rise linearly in one direction responds
 * most to an edge across it. The mean of the weights, which only measures ink, is left out.
 *
 * @param share of the weights' variation that is a linear ramp: 1 for a perfect ramp, about 0.08 for random weights,
 *     because ramps are 2 of the 24 free dimensions
 * @param direction in which the weights rise, in degrees: 0 is to the right, 90 upwards
 */
public record FilterEdge(double share, double direction) {
    /** Mean share of random weights. */
    public static final double RANDOM = 2.0 / 24;

    /** A filter with a larger share is called an edge detector. */
    public static final double DETECTOR = 3 * RANDOM;

    /** The fraction of random filters with a larger share, whose distribution is Beta(2/2, 22/2). */
    public static final double RANDOM_DETECTORS = Math.pow(1 - DETECTOR, 11);

    private static final List<String> DIRECTIONS = List.of(
            "on the right",
            "on the upper right",
            "above",
            "on the upper left",
            "on the left",
            "on the lower left",
            "below",
            "on the lower right");

    public boolean isDetector() {
        return share > DETECTOR;
    }

    /** Names the side of the edge that has the ink. */
    public String towards() {
        return DIRECTIONS.get((int) Math.round(direction / 45 + 8) % 8);
    }

    /** Projects a square filter on its two ramps. */
    static FilterEdge of(float[] weights) {
        int side = (int) Math.sqrt(weights.length);
        double middle = (side - 1) / 2.0;
        double mean = 0;
        for (float weight : weights) mean += weight / weights.length;
        double total = 0;
        double right = 0;
        double up = 0;
        double ramp = 0;
        for (int i = 0; i < weights.length; i++) {
            double x = i % side - middle;
            double y = middle - Math.floorDiv(i, side); // rows count downwards
            total += (weights[i] - mean) * (weights[i] - mean);
            right += weights[i] * x;
            up += weights[i] * y;
            ramp += x * x;
        }
        double share = total == 0 ? 0 : (right * right + up * up) / ramp / total;
        return new FilterEdge(share, Math.toDegrees(Math.atan2(up, right)));
    }
}
