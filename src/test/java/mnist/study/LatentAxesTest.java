package mnist.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mnist.UsesLibTorch;
import mnist.evaluation.EmbeddingQuality;
import mnist.study.LatentAxes.Correlation;
import mnist.study.LatentAxes.Moments;
import org.junit.jupiter.api.Test;

class LatentAxesTest implements UsesLibTorch {
    private static float[] image(int... pixels) { // row and column of each
        float[] image = new float[784];
        for (int i = 0; i < pixels.length; i += 2) image[28 * pixels[i] + pixels[i + 1]] = 1;
        return image;
    }

    @Test
    void equalValuesShareTheMeanOfTheirRanks() {
        assertArrayEquals(new double[] {2.5, 0, 2.5, 1}, LatentAxes.ranks(new double[] {7, 1, 7, 3}));
    }

    @Test
    void aStrokeToTheUpperRightLeansToTheRight() {
        Moments right = Moments.of(image(10, 14, 14, 10)); // four columns in four rows upwards
        assertEquals(1, right.slant(), 1e-9);
        assertEquals(1, right.widthToHeight(), 1e-9);
        assertEquals(2.0 / 784, right.ink(), 1e-9);
        assertEquals(-0.5, Moments.of(image(10, 10, 14, 12)).slant(), 1e-9);
        assertEquals(0.5, Moments.of(image(10, 10, 14, 12)).widthToHeight(), 1e-9);
        assertEquals(0, Moments.of(image(10, 10, 14, 10)).slant(), 1e-9);
        assertEquals(0, Moments.of(new float[784]).slant());
    }

    private static float[] stripe(int width, int length, float ink) {
        float[] image = new float[784];
        for (int row = 4; row < 4 + length; row++) Arrays.fill(image, 28 * row + 9, 28 * row + 9 + width, ink);
        return image;
    }

    @Test
    void aLongerStrokeHasMoreInkAndTheSameThickness() {
        assertEquals(2, LatentAxes.strokeThickness(stripe(2, 10, 1)), 1e-9);
        assertEquals(2, LatentAxes.strokeThickness(stripe(2, 20, 1)), 1e-9);
        assertEquals(4, LatentAxes.strokeThickness(stripe(4, 10, 1)), 1e-9);
        assertEquals(4, LatentAxes.strokeThickness(stripe(4, 20, 1)), 1e-9);
        assertEquals(
                2,
                Moments.of(stripe(2, 20, 1)).ink()
                        / Moments.of(stripe(2, 10, 1)).ink(),
                1e-9);
        assertEquals(0, LatentAxes.strokeThickness(new float[784]));
    }

    @Test
    void aPixelWithHalfTheInkIsHalfAsWide() {
        float[] image = stripe(2, 20, 1);
        for (int row = 4; row < 24; row++) image[28 * row + 8] = 0.4f;
        assertEquals(2.4, LatentAxes.strokeThickness(image), 1e-6);
    }

    @Test
    void aDiagonalStrokeIsMeasuredAcross() {
        float[] image = new float[784]; // three pixels of each row, a column further in each
        for (int row = 4; row < 24; row++) Arrays.fill(image, 29 * row - 1, 29 * row + 2, 1);
        // across, an outer pixel's chord has two pixels and a middle one's has one, √2 each; along a row it has three
        assertEquals(2 * Math.sqrt(2), LatentAxes.strokeThickness(image), 1e-6);
    }

    @Test
    void aCoordinateThatIsTheInkIsFound() {
        float[][] images = new float[6][784];
        float[][] points = new float[6][];
        for (int i = 0; i < 6; i++) {
            Arrays.fill(images[i], 0, 28 * (i + 1), 0.5f); // more and more rows
            points[i] = new float[] {-i * i, i % 2}; // the less, the more ink
        }
        LatentAxes axes = LatentAxes.of(points, images, new long[] {0, 0, 0, 1, 1, 1});
        Correlation ink = axes.correlations().stream()
                .filter(feature -> feature.feature().equals("ink"))
                .findFirst()
                .orElseThrow();
        assertEquals(-1, ink.first(), 1e-9);
        assertTrue(Math.abs(ink.second()) < 0.5);
    }

    @Test
    void ranksAreFreeOfOutliers() {
        float[][] images = new float[6][784];
        float[][] near = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}};
        float[][] far = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5000, 5000}};
        long[] labels = {0, 0, 0, 1, 1, 1};
        assertEquals(
                EmbeddingQuality.of(near, labels).silhouette(),
                LatentAxes.of(far, images, labels).rankSilhouette(),
                1e-6);
    }

    /** Gives images of one row of ink each so much of it. */
    private static float[][] ink(double... amounts) {
        float[][] images = new float[amounts.length][784];
        for (int i = 0; i < amounts.length; i++) Arrays.fill(images[i], 0, 28, (float) amounts[i]);
        return images;
    }

    private static Correlation ink(float[][] points, float[][] images, long... truth) {
        return LatentAxes.of(points, images, truth).correlations().get(1);
    }

    @Test
    void aFeatureIsExplainedByTheNeighboursThatHaveIt() {
        float[][] points = new float[22][];
        double[] amounts = new double[22];
        long[] digits = new long[22];
        for (int i = 0; i < 22; i++) { // two digits of eleven images each, far apart, one with more ink
            points[i] = new float[] {i < 11 ? i : 1000 + i, 0};
            amounts[i] = i < 11 ? 0.2 : 0.8;
            digits[i] = i / 11;
        }
        Correlation ink = ink(points, ink(amounts), digits);
        assertEquals(1, ink.explained(), 1e-9);
        assertEquals(0, ink.explainedWithin(), 1e-9); // it does not vary there
    }

    @Test
    void aFeatureIsNotExplainedByNeighboursThatAreAllTheSame() {
        float[][] points = new float[11][];
        double[] amounts = new double[11];
        for (int i = 0; i < 11; i++) {
            points[i] = new float[] {i, 0};
            amounts[i] = 0.05 * i;
        }
        // all others are the neighbours: a value less their mean is 1.1 times the value less the mean of all
        Correlation ink = ink(points, ink(amounts), new long[11]);
        assertEquals(1 - 1.21, ink.explained(), 1e-6);
        assertEquals(1 - 1.21, ink.explainedWithin(), 1e-6);
    }
}
