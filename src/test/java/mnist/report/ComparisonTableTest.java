package mnist.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class ComparisonTableTest {
    @Test
    void probabilitiesAreCorrectedAfterHolm() {
        // ascending 0.01, 0.02, 0.03, 0.3: times 4, 3, 2, 1, and none below the one before
        assertArrayEquals(new double[] {0.06, 0.04, 0.3, 0.06}, ComparisonTable.holm(0.03, 0.01, 0.3, 0.02), 1e-12);
        assertArrayEquals(new double[] {1, 1}, ComparisonTable.holm(0.6, 0.7));
    }
}
