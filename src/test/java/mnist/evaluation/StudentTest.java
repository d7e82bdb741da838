package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StudentTest {
    // from the tables of Student's t, two-sided
    @ParameterizedTest
    @CsvSource({
        "0.95, 1, 12.7062",
        "0.95, 2, 4.3027",
        "0.95, 3, 3.1824",
        "0.95, 4, 2.7764",
        "0.95, 5, 2.5706",
        "0.95, 9, 2.2622",
        "0.95, 10, 2.2281",
        "0.95, 30, 2.0423",
        "0.95, 120, 1.9799",
        "0.99, 2, 9.9248",
        "0.99, 5, 4.0321",
        "0.999, 4, 8.6103",
        "0.5, 7, 0.7111"
    })
    void quantilesAreThoseOfTheTables(double share, int freedom, double t) {
        assertEquals(t, Sample.studentQuantile(share, freedom), 6e-5);
    }

    @Test
    void pairsAreSubtractedBeforeTheIntervalIsMade() {
        // differences 2, 3, 4: mean 3, deviation 1, and 4.3027 / √3 = 2.4842 to either side
        Comparison difference = Comparison.ofNumbers(new Sample(3, 5, 7), new Sample(1, 2, 3));
        assertEquals(3, difference.estimate());
        assertEquals(3 - 2.4842, difference.low(), 1e-4);
        assertEquals(3 + 2.4842, difference.high(), 1e-4);
        assertEquals(3, difference.pairs());
        assertEquals(1 - Math.sqrt(27.0 / 29), difference.probability(), 1e-12);
        assertTrue(difference.isHigher() && !difference.isLower());
        assertTrue(
                Comparison.ofNumbers(new Sample(1, 2, 3), new Sample(3, 5, 7)).isLower());
    }

    @Test
    void anIntervalWithZeroInItShowsNothing() {
        // differences 1, 3, 5: mean 3, deviation 2, and 4.3027 · 2 / √3 = 4.9683 to either side
        Comparison difference = Comparison.ofNumbers(new Sample(1, 3, 5), new Sample(0, 0, 0));
        assertEquals(-1.9683, difference.low(), 1e-4);
        assertFalse(difference.isHigher() || difference.isLostByCorrection());
    }

    @Test
    void theProbabilityOfAMeanIsThatOfTheTables() {
        // 3 ± 1 of three values: t is 3√3 = 5.1962, which 2 degrees of freedom exceed with a probability of 1 - t / √(2
        // + t²)
        assertEquals(1 - Math.sqrt(27.0 / 29), new Sample(2, 3, 4).probability(), 1e-12);
        assertEquals(new Sample(2, 3, 4).probability(), new Sample(-2, -3, -4).probability());
        assertEquals(0.05, Sample.beyond(2.7764, 4), 1e-5);
        assertEquals(1, new Sample(1, -1).probability());
        assertEquals(0, new Sample(2, 2, 2).probability(), 1e-12);
    }

    @Test
    void oneSeedShowsNothing() {
        Comparison difference = Comparison.ofNumbers(new Sample(100), new Sample(1));
        assertEquals(99, difference.estimate());
        assertFalse(difference.isHigher() || difference.isLostByCorrection());
    }

    @ParameterizedTest
    @CsvSource({"11, 0, 0.0009765625", "0, 11, 0.0009765625", "10, 1, 0.01171875", "3, 1, 0.625", "5, 4, 1", "0, 0, 1"})
    void theSignTestIsExact(long count, long other, double probability) { // sums of binomials over powers of two
        assertEquals(probability, Sample.signTest(count, other), 1e-12);
    }
}
