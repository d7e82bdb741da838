package mnist.prob5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CorruptionTest {
    @Test
    void theOriginalIsAParabola() {
        double[][] points = Corruption.parabola(5);
        assertArrayEquals(new double[] {-1, -0.5, 0, 0.5, 1}, points[0], 1e-12);
        assertArrayEquals(new double[] {1, 0.25, 0, 0.25, 1}, points[1], 1e-12);
    }

    @Test
    void theNoiseHasTheDeviationThatTheFormulaStates() {
        double[][] points = Corruption.parabola(20_000);
        double[][] corrupted = Corruption.corrupt(points, 1);
        for (int axis = 0; axis < 2; axis++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < 20_000; i++) {
                double noise = corrupted[axis][i] - points[axis][i];
                sum += noise;
                squares += noise * noise;
            }
            assertEquals(0, sum / 20_000, 0.003);
            assertEquals(0.1, Math.sqrt(squares / 20_000), 0.002);
        }
    }

    @Test
    void theSameSeedGivesTheSamePoints() {
        assertArrayEquals(
                Corruption.corrupt(Corruption.parabola(9), 4)[1], Corruption.corrupt(Corruption.parabola(9), 4)[1]);
    }
}
