package mnist.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Finds nearest neighbours in a plane; feasible for a few thousand points. */
public final class Neighbours {
    /** Number of neighbours used. */
    public static final int TEN = 10;

    private Neighbours() {}

    /** Returns, for each point, the ten nearest other points of its class, or all if there are fewer. */
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
