package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void theStandardDeviationHasOneDegreeOfFreedomLessThanValues() {
        Sample sample = new Sample(1, 2, 4, 5); // mean 3, squares 4 + 1 + 1 + 4 = 10
        assertEquals(3, sample.mean());
        assertEquals(Math.sqrt(10.0 / 3), sample.std(), 1e-15);
        assertEquals("3.00 ± 1.83", sample.format("%.2f"));
    }

    @Test
    void aSingleValueHasNoSpread() {
        assertEquals("0.5", new Sample(0.5).format("%.1f"));
    }
}
