package mnist.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Measures how well a 2-D embedding separates the digits.
 *
 * @param nearestNeighbourAccuracy share of points whose class is the most frequent among the 10 nearest other points
 * @param silhouette mean over the points of (b − a) / max(a, b), where a is a point's mean distance to its own class
 *     and b that to the nearest other class: 1 is well separated, 0 overlapping, below 0 mixed
 * @param axisRatio standard deviation across the cloud's main axis over that along it: 1 is round, 0 a line: one
 *     coordinate suffices
 * @param overlaps the most frequently confused pairs of classes, at most three, the most frequent first
 */
public record EmbeddingQuality(
        double nearestNeighbourAccuracy, double silhouette, double axisRatio, List<Overlap> overlaps) {
    private static final int CLASSES = 10;
    private static final int CHUNK = 500; // rows of the distance matrix at a time: 20 MB for 10,000 points

    /**
     * Two classes that overlap in the embedding.
     *
     * @param share points of either class that their neighbours assign to the other, of all points of the two
     */
    public record Overlap(int first, int second, double share) {
        @Override
        public String toString() {
            return String.format("%d/%d (%.0f %%)", first, second, 100 * share);
        }
    }

    /** Returns the overlaps in one line. */
    public String overlapsInWords() {
        return overlaps.isEmpty()
                ? "none"
                : overlaps.stream().map(Overlap::toString).collect(Collectors.joining(", "));
    }

    /**
     * Measures an embedding.
     *
     * @param coordinates N pairs; the 10 neighbours are fewer where N is 10 or less
     * @param truth N classes, 0 to 9
     */
    public static EmbeddingQuality of(float[][] coordinates, long[] truth) {
        int n = truth.length;
        int neighbours = Math.max(1, Math.min(Neighbours.TEN, n - 1));
        long[] voted = new long[n];
        double silhouettes = 0;
        try (PointerScope all = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor points = tensor(coordinates); // N×2
            Tensor membership = torch.one_hot(Tensors.of(truth, n), CLASSES).to(ScalarType.Float); // N×10
            Tensor sizes = membership.sum(0);
            for (int from = 0; from < n; from += CHUNK) {
                try (PointerScope scope = new PointerScope()) {
                    int rows = Math.min(CHUNK, n - from);
                    // Mode 2 subtracts the coordinates; the default's matrix product would lose the small distances.
                    Tensor distances = torch.cdist(points.narrow(0, from, rows), points, 2, new LongOptional(2));
                    Tensor own = membership.narrow(0, from, rows); // rows×10
                    silhouettes += silhouettes(distances.matmul(membership), own, sizes);
                    distances.narrow(1, from, rows).fill_diagonal_(new Scalar(Double.POSITIVE_INFINITY));
                    Tensor nearest = distances.topk(neighbours, 1, false, false).get1(); // rows×10 indices
                    Tensor ballots =
                            membership.index_select(0, nearest.flatten()).view(rows, neighbours, CLASSES);
                    System.arraycopy(
                            Tensors.longs(ballots.sum(1).argmax(new LongOptional(1), false)), 0, voted, from, rows);
                }
            }
        }
        ConfusionMatrix votes = ConfusionMatrix.of(truth, voted, CLASSES);
        double axisRatio = Covariance.of(coordinates).axisRatio();
        return new EmbeddingQuality(votes.accuracy(), silhouettes / n, axisRatio, overlaps(votes));
    }

    /** Returns rows of equal length as a tensor. */
    public static Tensor tensor(float[][] rows) {
        int width = rows[0].length;
        float[] flat = new float[rows.length * width];
        for (int i = 0; i < rows.length; i++) System.arraycopy(rows[i], 0, flat, i * width, width);
        return Tensors.of(flat, rows.length, width);
    }

    /** Sums the silhouettes of some points, given their summed distances to every class (rows×10). */
    private static double silhouettes(Tensor sums, Tensor own, Tensor sizes) {
        Tensor toOwn =
                sums.mul(own).sum(1).div(own.matmul(sizes).sub(new Scalar(1)).clamp_min(new Scalar(1)));
        Tensor elsewhere = own.add(sizes.eq(new Scalar(0))); // own class and absent classes do not count as others
        Tensor toOther = sums.div(sizes)
                .masked_fill(elsewhere.gt(new Scalar(0)), new Scalar(Double.POSITIVE_INFINITY))
                .amin(new long[] {1}, false);
        Tensor alone = own.matmul(sizes).eq(new Scalar(1)); // the only point of a class counts as 0
        return toOther.sub(toOwn)
                .div(torch.maximum(toOwn, toOther))
                .nan_to_num()
                .masked_fill(alone, new Scalar(0))
                .sum()
                .item_double();
    }

    private static List<Overlap> overlaps(ConfusionMatrix votes) {
        List<Overlap> pairs = new ArrayList<>();
        for (int a = 0; a < CLASSES; a++) {
            for (int b = a + 1; b < CLASSES; b++) {
                long mixedUp = votes.counts()[a][b] + votes.counts()[b][a];
                if (mixedUp > 0) pairs.add(new Overlap(a, b, (double) mixedUp / (votes.size(a) + votes.size(b))));
            }
        }
        pairs.sort(Comparator.comparingDouble(Overlap::share).reversed());
        return List.copyOf(pairs.subList(0, Math.min(3, pairs.size())));
    }
}
