package mnist.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import mnist.evaluation.Neighbours;

/**
 * How far the digits keep to regions of their own in an embedding.
 *
 * @param digits from the one with the largest share of neighbours of its own class to the smallest
 */
public record Regions(List<Region> digits) {
    private static final double OUTSIDE = 0.3; // of all points lie farther out than a median that is not in the middle

    /**
     * A digit's images.
     *
     * @param own share of its class among the nearest neighbours of its points
     * @param horizontal where the median of its points lies: -1 on the left, 1 on the right, 0 in the middle
     * @param vertical the same: -1 at the bottom, 1 at the top, 0 in the middle
     */
    public record Region(int digit, double own, int horizontal, int vertical) {}

    /** Measures the embedding of some images. */
    static Regions of(float[][] points, long[] labels) {
        int[][] nearest = Neighbours.nearest(points);
        return new Regions(IntStream.range(0, 10)
                .mapToObj(digit -> IntStream.range(0, points.length)
                        .filter(i -> labels[i] == digit)
                        .toArray())
                .filter(indices -> indices.length > 0)
                .map(indices -> region(indices, points, labels, nearest))
                .sorted(Comparator.comparingDouble(region -> -region.own))
                .toList());
    }

    private static Region region(int[] indices, float[][] points, long[] labels, int[][] nearest) {
        long digit = labels[indices[0]];
        double own = IntStream.of(indices)
                        .mapToLong(i -> IntStream.of(nearest[i])
                                .filter(j -> labels[j] == digit)
                                .count())
                        .average()
                        .orElseThrow()
                / Neighbours.TEN;
        return new Region((int) digit, own, side(0, indices, points), side(1, indices, points));
    }

    /** Returns the side on which the median of some points lies, by the share of all that are beyond it. */
    private static int side(int coordinate, int[] indices, float[][] points) {
        double[] sorted = IntStream.of(indices)
                .mapToDouble(i -> points[i][coordinate])
                .sorted()
                .toArray();
        double median = sorted[sorted.length / 2];
        double below = IntStream.range(0, points.length)
                .mapToDouble(i -> points[i][coordinate])
                .map(value -> value < median ? 1 : value == median ? 0.5 : 0)
                .average()
                .orElseThrow();
        return below < OUTSIDE ? -1 : below > 1 - OUTSIDE ? 1 : 0;
    }
}
