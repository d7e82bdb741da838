package mnist.study;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LatentGridTest {
    @Test
    void linesAreQuantilesAndNotEvenlySpaced() {
        float[][] points = new float[101][];
        for (int i = 0; i <= 100; i++) points[100 - i] = new float[] {i * i, 0};
        double[] lines = LatentGrid.quantiles(points, 0, 0, 0.99);
        assertEquals(12, lines.length);
        for (int i = 0; i < 12; i++) assertEquals(Math.pow(9 * i, 2), lines[i]); // every ninth point
        assertEquals(81 * 121, LatentGrid.quantiles(points, 0, 0.99, 0)[0]);
    }
}
