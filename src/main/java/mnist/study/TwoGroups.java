package mnist.study;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import mnist.evaluation.Covariance;
import mnist.evaluation.Sample;

/**
 * The digit whose images form two groups in an embedding, split along the main axis of their cloud.
 *
 * @param smaller the smaller group's fraction of the digit's images
 * @param separation distance of the groups' means, over the root of the mean of their variances
 * @param loops the fractions of the groups' images that have a closed loop
 */
public record TwoGroups(int digit, double smaller, double separation, double[] loops) {
    private static final int SIDE = 28;
    private static final int FEWEST = 20; // images of a digit
    private static final double SMALLEST = 0.2; // fraction of the digit's images
    private static final double CLEAR = 4; // the halves of a uniform distribution have √12, 3.5
    private static final double INK = 0.5;

    /**
     * Finds the digit with the largest separation, if any digit has two groups.
     *
     * @param points of the embedding, a row per image
     * @param images a row of 28·28 pixels per image
     */
    static Optional<TwoGroups> of(float[][] points, long[] labels, float[][] images) {
        return IntStream.range(0, 10)
                .mapToObj(digit -> IntStream.range(0, points.length)
                        .filter(i -> labels[i] == digit)
                        .boxed()
                        .toArray(Integer[]::new))
                .filter(indices -> indices.length >= FEWEST)
                .map(indices -> split(indices, points, (int) labels[indices[0]], images))
                .filter(groups -> groups.separation > CLEAR)
                .max(Comparator.comparingDouble(TwoGroups::separation));
    }

    private static TwoGroups split(Integer[] indices, float[][] points, int digit, float[][] images) {
        double angle = Covariance.of(Arrays.stream(indices).map(i -> points[i]).toArray(float[][]::new))
                .mainAxis();
        double[] along = new double[points.length];
        for (int i : indices) along[i] = Math.cos(angle) * points[i][0] + Math.sin(angle) * points[i][1];
        Integer[] order = indices.clone();
        Arrays.sort(order, Comparator.comparingDouble(i -> along[i]));
        double[] sorted = Arrays.stream(order).mapToDouble(i -> along[i]).toArray();
        int n = sorted.length;
        int least = (int) Math.ceil(SMALLEST * n);
        int at = IntStream.rangeClosed(least, n - least)
                .boxed()
                .min(Comparator.comparingDouble(k -> squares(sorted, 0, k) + squares(sorted, k, n)))
                .orElseThrow();
        Sample first = new Sample(Arrays.copyOfRange(sorted, 0, at));
        Sample second = new Sample(Arrays.copyOfRange(sorted, at, n));
        double variance = (squares(sorted, 0, at) / at + squares(sorted, at, n) / (n - at)) / 2;
        return new TwoGroups(
                digit,
                Math.min(at, n - at) / (double) n,
                (second.mean() - first.mean()) / Math.sqrt(variance),
                new double[] {loops(order, 0, at, images), loops(order, at, n, images)});
    }

    /** Returns the sum of the squared distances of a part to its mean. */
    private static double squares(double[] values, int from, int to) {
        double mean = Arrays.stream(values, from, to).average().orElseThrow();
        return Arrays.stream(values, from, to)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }

    private static double loops(Integer[] order, int from, int to, float[][] images) {
        return IntStream.range(from, to).filter(i -> hasLoop(images[order[i]])).count() / (double) (to - from);
    }

    /** Returns whether ink encloses paper: pixels of paper not 4-connected to the edge through paper. */
    static boolean hasLoop(float[] image) {
        int width = SIDE + 2; // with paper around it
        boolean[] paper = new boolean[width * width];
        Arrays.fill(paper, true);
        for (int i = 0; i < image.length; i++)
            paper[(Math.floorDiv(i, SIDE) + 1) * width + i % SIDE + 1] = image[i] < INK;
        Deque<Integer> next = new ArrayDeque<>(List.of(0));
        while (!next.isEmpty()) {
            int pixel = next.pop();
            if (pixel < 0 || pixel >= paper.length || !paper[pixel]) continue;
            paper[pixel] = false;
            next.addAll(List.of(pixel - 1, pixel + 1, pixel - width, pixel + width));
        }
        return IntStream.range(0, paper.length).anyMatch(pixel -> paper[pixel]);
    }
}
