package mnist.report;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mnist.evaluation.Neighbours;
import mnist.evaluation.Sample;

/**
 * The results of a saved autoencoder for the first test images.
 *
 * @param regions of the digits in its embedding, in descending order of the share of neighbours of their own class
 * @param truth digits of the images
 * @param found digits that problem 4's classifier predicts for the reconstructions
 * @param ofOriginals digits that it predicts for the images
 */
public record ShownNetwork(List<Region> regions, long[] truth, long[] found, long[] ofOriginals) {
    private static final double OUTSIDE = 0.3; // of all points lie farther out than a median that is not in the middle

    /**
     * The region of a digit's images in the embedding.
     *
     * @param own share of its class among the nearest neighbours of its points
     * @param horizontal where the median of its points lies: -1 on the left, 1 on the right, 0 in the middle
     * @param vertical the same: -1 at the bottom, 1 at the top, 0 in the middle
     */
    public record Region(int digit, double own, int horizontal, int vertical) {}

    /** Measures the embedding of some images. */
    static List<Region> regions(float[][] points, long[] labels) {
        int[][] nearest = Neighbours.nearest(points, new long[points.length]);
        return IntStream.range(0, 10)
                .mapToObj(digit -> IntStream.range(0, points.length)
                        .filter(i -> labels[i] == digit)
                        .toArray())
                .filter(indices -> indices.length > 0)
                .map(indices -> region(indices, points, labels, nearest))
                .sorted(Comparator.comparingDouble(region -> -region.own))
                .toList();
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

    /** Returns the side of the plane on which the median of some points lies, by the share of all points beyond it. */
    private static int side(int coordinate, int[] indices, float[][] points) {
        double median = Sample.quantile(
                IntStream.of(indices).mapToDouble(i -> points[i][coordinate]).toArray(), 0.5);
        double below = Arrays.stream(points)
                .mapToDouble(point -> point[coordinate] < median ? 1 : point[coordinate] == median ? 0.5 : 0)
                .average()
                .orElseThrow();
        return below < OUTSIDE ? -1 : below > 1 - OUTSIDE ? 1 : 0;
    }

    /** A reconstruction that is classified as another digit than its image; images are numbered from 1. */
    public record Change(int image, String digits) {}

    /** A change of digits, such as "4→9", and its count. */
    public record Kind(String digits, long count) {}

    /** Returns all reconstructions that are classified as another digit. */
    public List<Change> changes() {
        return IntStream.range(0, found.length)
                .filter(i -> truth[i] != found[i])
                .mapToObj(i -> new Change(i + 1, truth[i] + "→" + found[i]))
                .toList();
    }

    /** Returns the kinds of changes, the most frequent first. */
    public List<Kind> kinds() {
        return changes().stream()
                .collect(Collectors.groupingBy(Change::digits, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> new Kind(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Kind::count).reversed().thenComparing(Kind::digits))
                .toList();
    }

    /** Returns the fraction of the reconstructions that are another digit. */
    public double otherDigits() {
        return different(found);
    }

    public double otherDigitsOfOriginals() {
        return different(ofOriginals);
    }

    private double different(long[] digits) {
        long different = IntStream.range(0, truth.length)
                .filter(i -> truth[i] != digits[i])
                .count();
        return (double) different / truth.length;
    }
}
