package mnist.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
    @Test
    void probabilitiesAreCorrectedAfterHolm() {
        // ascending 0.01, 0.02, 0.03, 0.3: times 4, 3, 2, 1, and none below the one before
        assertArrayEquals(new double[] {0.06, 0.04, 0.3, 0.06}, ComparisonTable.holm(0.03, 0.01, 0.3, 0.02), 1e-12);
        assertArrayEquals(new double[] {1, 1}, ComparisonTable.holm(0.6, 0.7));
    }

    private static Comparison losses(double... ratios) {
        double[] ones = DoubleStream.of(ratios).map(ratio -> 1).toArray();
        return Comparison.ofLosses(new Sample(ratios), new Sample(ones));
    }

    private static String effect(Comparison... cases) {
        return Comparison.effect(
                "Noise",
                "the error",
                IntStream.range(0, cases.length)
                        .mapToObj(i -> new Comparison.Case("here" + i, cases[i], " [" + i + "]"))
                        .toArray(Comparison.Case[]::new));
    }

    @Test
    void anEffectIsSaidOfEachCaseAsItIsShown() {
        Comparison lower = losses(0.5, 0.5, 0.5);
        Comparison higher = losses(1.25, 1.25, 1.25);
        Comparison unclear = losses(0.5, 2, 1);
        assertEquals("Noise lowers the error by a factor of 2.0 here0 [0]", effect(lower));
        assertEquals("Noise is not shown to change the error here0 [0]", effect(unclear));
        assertEquals("Noise is not shown to change the error here0 [0] or here1 [1]", effect(unclear, unclear));
        assertEquals("Noise raises the error by 25 % here0 [0] and by 25 % here1 [1]", effect(higher, higher));
        assertEquals(
                "Noise lowers the error by a factor of 2.0 here0 [0] and raises it by 25 % here1 [1]",
                effect(lower, higher));
        assertEquals(
                "Noise raises the error by 25 % here1 [1], but is not shown to change it here0 [0]",
                effect(unclear, higher));
        assertEquals(
                "Noise raised the error by 25 % here0 [0]", effect(losses(1.25))); // of one run nothing is concluded
    }

    /** Writes a sentence on each comparison, and returns the sentences and the table. */
    private static Map<String, Object> filled(Comparison... comparisons) {
        return ComparisonTable.filled(6, (table, sentences) -> {
            for (int i = 0; i < comparisons.length; i++)
                sentences.put(
                        "" + i, table.judge("", comparisons[i], "one / other").says("One", "the other"));
        });
    }

    @Test
    void aClaimThatDoesNotOutlastTheCorrectionIsNotMade() {
        // the logarithms are 0.2, 0.3 and 0.4: t = 0.3 / (0.1 / √3) = 5.2 and p = 1 - t/√(2 + t²) = 0.0351
        Comparison significant = losses(Math.exp(0.2), Math.exp(0.3), Math.exp(0.4));
        Comparison unclear = losses(0.5, 2, 1);
        assertEquals(
                "One is 35 % higher than the other (row\u00a07)",
                filled(significant).get("0"));
        Map<String, Object> both = filled(significant, unclear);
        assertEquals(
                "One is not shown to differ from the other (row\u00a07: × 1.35, 95 % interval 1.05 to 1.73, but p = 0.070 after correction)",
                both.get("0"));
        assertEquals("One is not shown to differ from the other (row\u00a08)", both.get("1"));
        Map<?, ?> row = (Map<?, ?>) ((List<?>) both.get("rows")).get(0);
        assertEquals("0.035", row.get("probability"));
        assertEquals("0.070", row.get("corrected"));
    }

    @Test
    void aComparisonIsStatedInAClause() {
        assertEquals("the error is 25 % higher", losses(1.25, 1.25, 1.25).states("the error"));
        assertEquals(
                "the error is lower by a factor of 2.0", losses(0.5, 0.5, 0.5).states("the error"));
        assertEquals("the error is not shown to differ", losses(0.5, 2, 1).states("the error"));
        assertEquals("the error was 25 % higher", losses(1.25).states("the error")); // in one run
    }

    @Test
    void whatIsConcludedIsWhatOutlastsTheCorrection() {
        Comparison lower = losses(Math.exp(-0.2), Math.exp(-0.3), Math.exp(-0.4));
        assertTrue(lower.isLower() && lower.isClear() && !lower.isLostByCorrection());
        Comparison lost = lower.corrected(0.07);
        assertFalse(lost.isLower() || lost.isClear());
        assertTrue(lost.isLostByCorrection());
        assertEquals("", lost.concluded("lower", "higher"));
        assertFalse(losses(0.5, 2, 1).isLostByCorrection());
    }
}
