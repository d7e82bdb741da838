package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import mnist.evaluation.ConfusionMatrix.Confusion;
import mnist.evaluation.ConfusionMatrix.Interval;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    private final ConfusionMatrix matrix =
            ConfusionMatrix.of(new long[] {0, 0, 0, 1, 1, 2}, new long[] {0, 1, 1, 1, 0, 2}, 4);

    @Test
    void rowsAreTrueClassesAndColumnsPredictedOnes() {
        assertArrayEquals(new long[][] {{1, 2, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}}, matrix.counts());
        assertEquals(6, matrix.total());
        assertEquals(3, matrix.size(0));
    }

    @Test
    void accuracyPrecisionAndRecallAreThoseWorkedOutByHand() {
        assertEquals(3 / 6.0, matrix.accuracy());
        assertEquals(1 / 2.0, matrix.precision(0)); // of two predicted as 0
        assertEquals(1 / 3.0, matrix.recall(0)); // of three that are 0
        assertEquals(1 / 3.0, matrix.precision(1));
        assertEquals(1 / 2.0, matrix.recall(1));
        assertTrue(Double.isNaN(matrix.precision(3)));
        assertTrue(Double.isNaN(matrix.recall(3)));
    }

    @Test
    void confusionsComeWithTheMostFrequentFirst() {
        assertEquals(List.of(new Confusion(0, 1, 2, 2 / 3.0), new Confusion(1, 0, 1, 1 / 2.0)), matrix.confusions());
    }

    @Test
    void theIntervalIsWilsons() {
        // 5 of 10: (0.2366, 0.7634), a textbook example
        Interval half = ConfusionMatrix.of(new long[10], new long[] {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, 2)
                .accuracyInterval();
        assertEquals(0.2366, half.low(), 1e-4);
        assertEquals(0.7634, half.high(), 1e-4);
        // 10 of 10: up to 1 and no further
        Interval all = ConfusionMatrix.of(new long[10], new long[10], 2).accuracyInterval();
        assertEquals(0.7225, all.low(), 1e-4);
        assertEquals(1, all.high(), 1e-12);
    }
}
