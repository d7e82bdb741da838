package mnist.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Finds nearest neighbours in a plane, for some thousands of points. */
public final class Neighbours {
    /** How many of them are looked at. */
    public static final int TEN = 10;

    private Neighbours() {}

    /** Returns the ten nearest other points of the same class of each, or all where these are fewer. */
    public static int[][] nearest(float[][] points, long[] classes) {
        return IntStream.range(0, points.length)
                .mapToObj(i -> {
                    int[] others = IntStream.range(0, points.length)
                            .filter(j -> j != i && classes[j] == classes[i])
                            .toArray();
                    double[] distances = Arrays.stream(others)
                            .mapToDouble(j -> Math.hypot(points[j][0] - points[i][0], points[j][1] - points[i][1]))
                            .toArray();
                    return IntStream.range(0, others.length)
                            .boxed()
                            .sorted(Comparator.comparingDouble(k -> distances[k]))
                            .limit(TEN)
                            .mapToInt(k -> others[k])
                            .toArray();
                })
                .toArray(int[][]::new);
    }
}
