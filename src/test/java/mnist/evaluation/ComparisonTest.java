package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mnist.evaluation.Comparison.Verdict;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    /** Gives each of some seeds its value. */
    private static Sample of(List<Long> seeds, double... values) {
        return Sample.of(seeds, seed -> seed, seed -> values[seeds.indexOf(seed)]);
    }

    @Test
    void probabilitiesAreCorrectedAfterHolm() {
        // ascending 0.01, 0.02, 0.03, 0.3: times 4, 3, 2, 1, and none below the one before
        assertArrayEquals(new double[] {0.06, 0.04, 0.3, 0.06}, Comparison.holm(0.03, 0.01, 0.3, 0.02), 1e-12);
        assertArrayEquals(new double[] {1, 1}, Comparison.holm(0.6, 0.7));
    }

    @Test
    void valuesOfTheSameSeedArePairedInWhateverOrder() {
        Sample losses = of(List.of(1L, 2L, 3L, 4L), 10, 20, 30, 40);
        Sample others = of(List.of(4L, 3L, 1L, 9L), 20, 15, 5, 7);
        Comparison comparison = Comparison.ofLosses(losses, others);
        assertEquals(3, comparison.pairs());
        assertEquals(2, comparison.estimate(), 1e-12);
        assertEquals(3, comparison.agreeing());
        assertEquals(
                Verdict.NO_SEED, Comparison.ofLosses(losses, of(List.of(7L), 1)).verdict());
        assertEquals(
                Verdict.ONE_SEED,
                Comparison.ofLosses(losses, of(List.of(2L), 1)).verdict());
    }

    @Test
    void aDifferenceIsShownWhereItOutlastsTheCorrectionOfItsTable() {
        List<Long> seeds = List.of(1L, 2L, 3L);
        // differences of 2, 3 and 4: t = 3 / (1 / √3) = 5.2 and p = 1 - t/√(2 + t²) = 0.0351
        Comparison higher = Comparison.ofNumbers(of(seeds, 2, 3, 4), of(seeds, 0, 0, 0));
        Comparison lower = Comparison.ofNumbers(of(seeds, -2, -3, -4), of(seeds, 0, 0, 0));
        assertEquals(Verdict.SHOWN_HIGHER, higher.verdict());
        assertEquals(Verdict.SHOWN_LOWER, lower.verdict());
        Map<String, Comparison> rows = new LinkedHashMap<>();
        rows.put("higher", higher);
        rows.put("none", Comparison.ofNumbers(of(List.of(), 0), of(List.of(), 0)));
        rows.put("lower", lower);
        Map<String, Comparison> table = Comparison.table(4, rows);
        assertEquals(Verdict.NOT_SHOWN, table.get("higher").verdict());
        assertEquals(0.0702, table.get("higher").probability(), 1e-4);
        assertEquals(
                List.of(5, 0, 6), table.values().stream().map(Comparison::row).toList());
    }
}
