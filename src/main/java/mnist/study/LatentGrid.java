package mnist.study;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Points on a grid over an embedding, and the images that the decoder computes from them.
 *
 * @param first values of the first coordinate, from left to right
 * @param second values of the second coordinate, from top to bottom: from the largest
 * @param images by row and column
 */
record LatentGrid(double[] first, double[] second, float[][][] images) {
    private static final int SIDE = 12;
    private static final double MARGIN = 0.02; // of the points lie beyond either end

    /**
     * Spans the grid over all but the outermost points, at quantiles: equally many points lie between adjacent lines.
     */
    static LatentGrid over(float[][] points, UnaryOperator<Tensor> decoder) {
        double[] first = quantiles(points, 0, MARGIN, 1 - MARGIN);
        double[] second = quantiles(points, 1, 1 - MARGIN, MARGIN);
        float[][][] images = new float[SIDE][][];
        for (int row = 0; row < SIDE; row++) {
            float[] z = new float[2 * SIDE];
            for (int column = 0; column < SIDE; column++) {
                z[2 * column] = (float) first[column];
                z[2 * column + 1] = (float) second[row];
            }
            try (PointerScope scope = new PointerScope()) {
                images[row] = Tensors.rows(decoder.apply(Tensors.of(z, SIDE, 2)));
            }
        }
        return new LatentGrid(first, second, images);
    }

    /** Returns the quantiles of one coordinate at evenly spaced shares of the points. */
    static double[] quantiles(float[][] points, int axis, double from, double to) {
        double[] sorted =
                Arrays.stream(points).mapToDouble(point -> point[axis]).sorted().toArray();
        double[] values = new double[SIDE];
        for (int i = 0; i < SIDE; i++) {
            double share = from + (to - from) * i / (SIDE - 1);
            values[i] = sorted[(int) Math.round(share * (sorted.length - 1))];
        }
        return values;
    }
}
