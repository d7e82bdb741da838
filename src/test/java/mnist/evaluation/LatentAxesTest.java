package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mnist.UsesLibTorch;
import mnist.evaluation.LatentAxes.Correlation;
import mnist.evaluation.LatentAxes.Moments;
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
        assertEquals(1, ink.both(), 1e-9);
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
}
