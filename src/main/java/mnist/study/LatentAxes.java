package mnist.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import libtorch.Tensors;
import mnist.data.ImageSet;
import mnist.evaluation.Covariance;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Neighbours;
import mnist.evaluation.Sample;
import org.jspecify.annotations.Nullable;

/**
 * How the two coordinates of an embedding depend on features of the images.
 *
 * @param correlations of each feature of the images with the coordinates
 * @param groups the digit that forms two groups; null if none does
 * @param rankSilhouette silhouette of the coordinates' ranks, which outliers do not affect
 * @param rankNeighbourAccuracy 10-NN accuracy of the coordinates' ranks
 */
public record LatentAxes(
        List<Correlation> correlations,
        @Nullable TwoGroups groups,
        double rankSilhouette,
        double rankNeighbourAccuracy) {
    private static final int CLASSES = 10;
    private static final int SIDE = 28;
    private static final int[][] CHORDS = {{1, 0}, {0, 1}, {1, 1}, {1, -1}}; // right and down

    /**
     * The dependence between a feature and the coordinates, by ranks.
     *
     * @param first Spearman's rank correlation with the first coordinate; 0 if the feature is constant
     * @param second the same with the second
     * @param explained the fraction of the ranks' variance that the mean of the ten nearest images in the plane
     *     explains: 1 if the position determines the feature, −0.1 if it is independent of it
     * @param explainedWithin the same within the digits: of the variance around their means, by neighbours of the same
     */
    public record Correlation(String feature, double first, double second, double explained, double explainedWithin) {}

    /** A number that describes an image of 28×28. */
    private record Feature(String name, ToDoubleFunction<float[]> value) {}

    /** Number of images measured. */
    public static final int IMAGES = 2000;

    private static final List<Feature> FEATURES = List.of(
            new Feature("slant", image -> Moments.of(image).slant()),
            new Feature("ink", image -> Moments.of(image).ink()),
            new Feature("stroke thickness", LatentAxes::strokeThickness),
            new Feature("width to height", image -> Moments.of(image).widthToHeight()));

    /** Returns the names of the features, in their order. */
    public static List<String> features() {
        return FEATURES.stream().map(Feature::name).toList();
    }

    /** Measures the embedding of the first {@value #IMAGES} images. */
    public static LatentAxes of(float[][] points, ImageSet images, long[] truth) {
        int some = Math.min(IMAGES, points.length);
        return of(Arrays.copyOf(points, some), Tensors.rows(images.images(0, some)), Arrays.copyOf(truth, some));
    }

    /** Measures the embedding of images. */
    static LatentAxes of(float[][] points, float[][] images, long[] truth) {
        double[] first = ranks(values(points, point -> point[0]));
        double[] second = ranks(values(points, point -> point[1]));
        long[] alike = new long[truth.length];
        int[][] all = Neighbours.nearest(points, alike);
        int[][] within = Neighbours.nearest(points, truth);
        List<Correlation> correlations = new ArrayList<>();
        for (Feature feature : FEATURES) {
            double[] ranks = ranks(values(images, feature.value));
            correlations.add(new Correlation(
                    feature.name,
                    Covariance.of(ranks, first).correlation(),
                    Covariance.of(ranks, second).correlation(),
                    explained(ranks, all, alike),
                    explained(ranks, within, truth)));
        }
        float[][] ranks = IntStream.range(0, points.length)
                .mapToObj(i -> new float[] {(float) first[i], (float) second[i]})
                .toArray(float[][]::new);
        EmbeddingQuality quality = EmbeddingQuality.of(ranks, truth);
        return new LatentAxes(
                correlations,
                TwoGroups.of(points, truth, images).orElse(null),
                quality.silhouette(),
                quality.nearestNeighbourAccuracy());
    }

    /**
     * Returns the fraction of the variance around the classes' means that the neighbours' means explain; 0 without
     * variance.
     */
    private static double explained(double[] values, int[][] neighbours, long[] classes) {
        double[] means = IntStream.range(0, CLASSES)
                .mapToDouble(digit -> IntStream.range(0, values.length)
                        .filter(i -> classes[i] == digit)
                        .mapToDouble(i -> values[i])
                        .average()
                        .orElse(0))
                .toArray();
        double left = 0;
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            double mean = means[(int) classes[i]];
            double predicted = Arrays.stream(neighbours[i])
                    .mapToDouble(j -> values[j])
                    .average()
                    .orElse(mean);
            left += (values[i] - predicted) * (values[i] - predicted);
            total += (values[i] - mean) * (values[i] - mean);
        }
        return total == 0 ? 0 : 1 - left / total;
    }

    private static double[] values(float[][] rows, ToDoubleFunction<float[]> value) {
        return Arrays.stream(rows).mapToDouble(value).toArray();
    }

    /** Returns the rank of each value, from 0; ties get their mean rank. */
    static double[] ranks(double[] values) {
        Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
        double[] ranks = new double[values.length];
        for (int from = 0; from < order.length; ) {
            int to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) to++;
            for (int i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2.0;
            from = to;
        }
        return ranks;
    }

    /**
     * Returns the median, over the pixels that are at least half ink, of the shortest chord through the ink: the width
     * of the strokes in pixels, whatever their length. A pixel counts as its ink.
     */
    static double strokeThickness(float[] image) {
        double[] chords = IntStream.range(0, image.length)
                .filter(i -> image[i] >= 0.5)
                .mapToDouble(i -> shortestChord(image, i % SIDE, Math.floorDiv(i, SIDE)))
                .toArray();
        return chords.length == 0 ? 0 : new Sample(chords).median();
    }

    /** Returns the length of the shortest of the chords along the row, the column and the two diagonals. */
    private static double shortestChord(float[] image, int column, int row) {
        double here = image[SIDE * row + column];
        double shortest = Double.POSITIVE_INFINITY;
        for (int[] step : CHORDS) {
            double ink = here + ray(image, column, row, step[0], step[1]) + ray(image, column, row, -step[0], -step[1]);
            shortest = Math.min(shortest, ink * Math.hypot(step[0], step[1]));
        }
        return shortest;
    }

    /** Sums the ink from a pixel, exclusive, to the next pixel without ink. */
    private static double ray(float[] image, int column, int row, int right, int down) {
        double ink = 0;
        int x = column + right;
        int y = row + down;
        while (x >= 0 && x < SIDE && y >= 0 && y < SIDE && image[SIDE * y + x] > 0) {
            ink += image[SIDE * y + x];
            x += right;
            y += down;
        }
        return ink;
    }

    /**
     * The moments of an image's ink.
     *
     * @param ink mean of the pixels, which grows with the strokes' thickness and length
     * @param xx variance of the ink's horizontal position
     * @param xy covariance of its horizontal and vertical position; rows count downwards
     * @param yy variance of its vertical position
     */
    record Moments(double ink, double xx, double xy, double yy) {
        static Moments of(float[] image) {
            double sum = 0;
            double x = 0;
            double y = 0;
            double xx = 0;
            double xy = 0;
            double yy = 0;
            for (int i = 0; i < image.length; i++) {
                double column = i % SIDE;
                double row = Math.floorDiv(i, SIDE);
                sum += image[i];
                x += image[i] * column;
                y += image[i] * row;
                xx += image[i] * column * column;
                xy += image[i] * column * row;
                yy += image[i] * row * row;
            }
            if (sum == 0) return new Moments(0, 0, 0, 0);
            x /= sum;
            y /= sum;
            return new Moments(sum / image.length, xx / sum - x * x, xy / sum - x * y, yy / sum - y * y);
        }

        /** Returns the slant in columns to the right per row upwards. */
        double slant() {
            return yy == 0 ? 0 : -xy / yy;
        }

        double widthToHeight() {
            return yy <= 0 ? 0 : Math.sqrt(Math.max(0, xx) / yy);
        }
    }
}
