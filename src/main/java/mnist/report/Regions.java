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
record Regions(List<Region> digits) {
    private static final double OWN = 0.5; // share of a region's neighbours
    private static final double OUTSIDE =
            0.3; // of the points lie farther out than what is called left, right and so on

    /**
     * A digit's images.
     *
     * @param own share of its class among the nearest neighbours of its points
     * @param place where the median of its points lies, in words
     */
    record Region(int digit, double own, String place) {
        @Override
        public String toString() {
            return digit + " (" + Words.percent(own, 0) + ")";
        }

        private String placed() {
            return String.format("%d (%s, %s)", digit, Words.percent(own, 0), place);
        }
    }

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
        String vertical = side(1, indices, points, "lower", "upper");
        String horizontal = side(0, indices, points, "left", "right");
        return new Region((int) digit, own, place(vertical, horizontal));
    }

    private static String place(String vertical, String horizontal) {
        if (vertical.isEmpty()) return horizontal.isEmpty() ? "in the middle" : "on the " + horizontal;
        return horizontal.isEmpty()
                ? (vertical.equals("upper") ? "at the top" : "at the bottom")
                : vertical + " " + horizontal;
    }

    /** Names the side on which the median of some points lies, by the share of all that are beyond it. */
    private static String side(int coordinate, int[] indices, float[][] points, String low, String high) {
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
        return below < OUTSIDE ? low : below > 1 - OUTSIDE ? high : "";
    }

    /** Names the two digits that are separated best. */
    String best() {
        return String.join(", ", digits.stream().limit(2).map(Region::toString).toList());
    }

    /** Names the digit that is separated least. */
    String least() {
        return digits.get(digits.size() - 1).toString();
    }

    /** Says which digits have regions of their own, and where, in a sentence. */
    String words() {
        List<String> own = digits.stream()
                .filter(region -> region.own >= OWN)
                .map(Region::placed)
                .toList();
        int others = digits.size() - own.size();
        if (own.isEmpty())
            return String.format(
                    "In the plane shown no digit has a region of its own; the nearest to it is %s.",
                    digits.get(0).placed());
        return String.format(
                "In the plane shown, most neighbours are of the same digit for %s, by share and place of the median%s.",
                Words.list(own), others < 2 ? "" : "; the others lie over each other");
    }
}
