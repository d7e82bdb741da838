package mnist.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class FilterEdgeTest {
    private static FilterEdge edge(IntToDoubleFunction weight) {
        float[] weights = new float[25];
        for (int i = 0; i < 25; i++) weights[i] = (float) weight.applyAsDouble(i);
        return FilterEdge.of(weights);
    }

    @Test
    void anEvenRiseIsAnEdgeInItsDirection() {
        FilterEdge right = edge(i -> 3 + i % 5);
        assertEquals(1, right.share(), 1e-6);
        assertEquals(0, right.direction(), 1e-3);
        assertEquals("on the right", right.towards());
        assertEquals("above", edge(i -> -Math.floorDiv(i, 5)).towards());
        assertEquals("below", edge(i -> Math.floorDiv(i, 5)).towards());
        assertEquals("on the lower left", edge(i -> Math.floorDiv(i, 5) - i % 5).towards());
        assertEquals(135, edge(i -> -Math.floorDiv(i, 5) - i % 5).direction(), 1e-3);
        assertTrue(right.isDetector());
    }

    @Test
    void aStripeAndAnEvenFilterAreNone() {
        assertEquals(0, edge(i -> i % 5 == 2 ? 1 : 0).share(), 1e-6);
        assertEquals(0, edge(i -> 1).share(), 1e-6);
        assertFalse(edge(i -> i % 5 == 2 ? 1 : 0).isDetector());
    }

    @Test
    void randomWeightsHaveTheShareThatIsSaid() {
        Random random = new Random(1);
        double sum = 0;
        for (int n = 0; n < 2000; n++) sum += edge(i -> random.nextGaussian()).share();
        assertEquals(FilterEdge.RANDOM, sum / 2000, 0.005);
    }
}
