package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import mnist.evaluation.Comparison;
import mnist.evaluation.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How numbers and comparisons are written. */
class MacrosTest {
    private static Comparison losses(double... ratios) {
        double[] ones = DoubleStream.of(ratios).map(ratio -> 1).toArray();
        return Comparison.ofLosses(new Sample(ratios), new Sample(ones));
    }

    private static Comparison shares(double... differences) {
        return Comparison.ofShares(new Sample(differences), new Sample(new double[differences.length]));
    }

    private static Comparison numbers(double... differences) {
        return Comparison.ofNumbers(new Sample(differences), new Sample(new double[differences.length]));
    }

    /** Returns what the report's functions write of an expression. */
    private static String written(String expression, Map<String, ?> values) {
        return Template.filled("<#include \"macros.ftlh\">${" + expression + "}", values)
                .replaceAll("<[^>]*>", "")
                .replace("&lt;", "<")
                .replace('\u00a0', ' ')
                .strip();
    }

    private static String claim(Comparison comparison) {
        return written("claim(c, 'the error', 'that of plain')", Map.of("c", comparison));
    }

    private static String claims(Comparison without, Comparison with) {
        return written("claims(one, two, 'the error')", Map.of("one", without, "two", with));
    }

    @ParameterizedTest
    @CsvSource({
        "0.04, lower by a factor of 25",
        "25, higher by a factor of 25",
        "0.2, lower by a factor of 5.0",
        "2, higher by a factor of 2.0",
        "10, higher by a factor of 10",
        "0.9, 10 % lower",
        "1.25, 25 % higher",
        "0.6, 40 % lower",
        "1.02, 2 % higher",
        "1.014, 1.4 % higher",
        "1, the same",
        "0.0001, lower by a factor of over 1000",
        "Infinity, higher by a factor of over 1000"
    })
    void aRatioIsAFactorOrAPercentage(double ratio, String words) {
        assertEquals(words, written("amount(c)", Map.of("c", losses(ratio))));
    }

    @ParameterizedTest
    @CsvSource({
        "-0.137, 2, −0.14",
        "-0.001, 2, 0.00",
        "0.5, 1, 0.5",
        "-0.0004, 3, 0.000",
        "-0.0006, 3, −0.001",
        "0.125, 2, 0.13",
        "12.5, 0, 13"
    })
    void numbersHaveATrueMinusAndNoneBeforeZero(double value, int digits, String text) {
        assertEquals(text, written("fixed(value, digits)", Map.of("value", value, "digits", digits)));
    }

    @Test
    void countsHaveCommasAndSharesPercent() {
        assertEquals("10,000", written("count(n)", Map.of("n", 10000)));
        assertEquals("97.1 %", written("percent(share, 1)", Map.of("share", 0.9714)));
        assertEquals("0.5 ± 0.1", written("mean(sample, 1)", Map.of("sample", new Sample(0.4, 0.5, 0.6))));
        assertEquals("0.5", written("mean(sample, 1)", Map.of("sample", new Sample(0.5))));
        assertEquals("50.0 ± 10.0 %", written("meanPercent(sample)", Map.of("sample", new Sample(0.4, 0.5, 0.6))));
    }

    @ParameterizedTest
    @CsvSource({"0.0009, < 0.001", "0.0312, 0.031", "1, 1.000"})
    void aProbabilityIsNeverZero(double probability, String text) {
        assertEquals(text, written("probability(p)", Map.of("p", probability)));
    }

    @Test
    void thingsAreListed() {
        assertEquals("a", written("list(things)", Map.of("things", List.of("a"))));
        assertEquals("a and b", written("list(things)", Map.of("things", List.of("a", "b"))));
        assertEquals("a, b and c", written("list(things)", Map.of("things", List.of("a", "b", "c"))));
    }

    @ParameterizedTest
    @CsvSource({"'1,2,3,4,5', 1 to 5", "'1,3,4', '1, 3, 4'", "'7,8', '7, 8'", "7, 7", "'3,1,2', '3, 1, 2'"})
    void consecutiveSeedsAreListedByTheirEnds(String seeds, String text) {
        List<Map<String, Integer>> run = Arrays.stream(seeds.split(","))
                .map(seed -> Map.of("seed", Integer.parseInt(seed)))
                .toList();
        assertEquals(text, written("seedsOf(run)", Map.of("run", Map.of("seeds", run))));
    }

    @Test
    void whatTwoDigitsShareDoesNotDependOnTheirOrder() {
        assertEquals("a stem below a cup, which the 9 closes", written("shared(4, 9)", Map.of()));
        assertEquals(written("shared(4, 9)", Map.of()), written("shared(9, 4)", Map.of()));
        assertEquals("–", written("shared(0, 1)", Map.of()));
    }

    @Test
    void aClaimIsMadeAsItIsShown() {
        assertEquals(
                "the error is 25 % higher than that of plain (95 % interval 25.0 to 25.0 %)",
                claim(losses(1.25, 1.25, 1.25)));
        assertEquals(
                "the error is lower by a factor of 2.0 than that of plain (95 % interval 2.0 to 2.0)",
                claim(losses(0.5, 0.5, 0.5)));
        assertEquals(
                "the error is not shown to differ from that of plain (× 1.000, 95 % interval 0.179 to 5.595)",
                claim(losses(0.5, 2, 1)));
        assertEquals("the error was 25 % higher than that of plain (one seed)", claim(losses(1.25))); // in one run
        assertEquals("the error was the same as that of plain (one seed)", claim(losses(1)));
        assertEquals("the error is not compared with that of plain, as no seed is common to both", claim(losses()));
        assertEquals(
                "the error is 25 % higher",
                written("claim(c, 'the error')?keep_before(' (')", Map.of("c", losses(1.25, 1.25))));
    }

    @Test
    void differencesAreGivenInPointsAndNumbers() {
        assertEquals(
                "the error is 3.0 points lower than that of plain (95 % interval 0.5 to 5.5)",
                claim(shares(-0.02, -0.03, -0.04)));
        assertEquals(
                "the error is 0.030 higher than that of plain (95 % interval 0.005 to 0.055)",
                claim(numbers(0.02, 0.03, 0.04)));
        assertEquals("−3.0 points", written("estimate(c)", Map.of("c", shares(-0.02, -0.03, -0.04))));
        assertEquals("−5.5 to −0.5", written("interval(c)", Map.of("c", shares(-0.02, -0.03, -0.04))));
    }

    @Test
    void anEffectIsSaidOfEachCaseAsItIsShown() {
        Comparison lower = losses(0.5, 0.5, 0.5);
        Comparison higher = losses(1.25, 1.25, 1.25);
        Comparison unclear = losses(0.5, 2, 1);
        Map<String, Comparison> rows = Comparison.table(0, rows(lower, higher));
        assertEquals(
                "the error without skip connections is lower by a factor of 2.0 (row 1); with them it is 25 % higher (row 2)",
                claims(rows.get("0"), rows.get("1")));
        rows = Comparison.table(0, rows(unclear, higher));
        assertEquals(
                "the error without skip connections is not shown to differ (row 1); with them it is 25 % higher (row 2)",
                claims(rows.get("0"), rows.get("1")));
        rows = Comparison.table(0, rows(unclear, unclear));
        assertEquals(
                "the error is not shown to differ, neither without skip connections (row 1) nor with them (row 2)",
                claims(rows.get("0"), rows.get("1")));
        rows = Comparison.table(0, rows(losses(1.25), losses(0.5)));
        assertEquals( // of one run nothing is concluded
                "the error without skip connections was 25 % higher (row 1); with them it was lower by a factor of 2.0 (row 2)",
                claims(rows.get("0"), rows.get("1")));
    }

    private static Map<String, Comparison> rows(Comparison... comparisons) {
        Map<String, Comparison> rows = new LinkedHashMap<>();
        for (Comparison comparison : comparisons) rows.put("" + rows.size(), comparison);
        return rows;
    }

    @Test
    void aClaimThatDoesNotOutlastTheCorrectionIsNotMade() {
        // the logarithms are 0.2, 0.3 and 0.4: t = 0.3 / (0.1 / √3) = 5.2 and p = 1 - t/√(2 + t²) = 0.0351
        Comparison significant = losses(Math.exp(0.2), Math.exp(0.3), Math.exp(0.4));
        Comparison alone = Comparison.table(6, rows(significant)).get("0");
        assertTrue(alone.isHigher() && !alone.isLostByCorrection());
        assertEquals("the error is 35 % higher than that of plain (row 7)", claim(alone));
        Map<String, Comparison> both = Comparison.table(6, rows(significant, losses(0.5, 2, 1)));
        Comparison lost = both.get("0");
        assertTrue(lost.isLostByCorrection());
        assertFalse(lost.isLower() || lost.isHigher());
        assertEquals(Comparison.Verdict.NOT_SHOWN, lost.verdict());
        assertEquals(
                "the error is not shown to differ from that of plain (row 7: × 1.35, 95 % interval 1.05 to 1.73, but p = 0.070 after correction)",
                claim(lost));
        assertEquals("the error is not shown to differ from that of plain (row 8)", claim(both.get("1")));
        assertFalse(both.get("1").isLostByCorrection());
        String table = Template.filled(
                "<#include \"macros.ftlh\"><@rows table {'0': 'one / other', '1': 'others'}/>", Map.of("table", both));
        assertTrue(
                table.contains("<td>7</td><td class=\"name\">one / other</td>")
                        && table.contains("<td>0.035</td><td>0.070</td><td>3 of 3</td>"),
                table);
    }

    @Test
    void aNumberAndItsSignsStayOnOneLine() {
        assertEquals(
                "3\u00a0% of 5\u00a0×\u00a05, ×\u00a02, 1\u00a0±\u00a02 in row\u00a07, <span class=\"together\"><i>p</i>\u00a0=\u00a00.03</span>",
                Template.filled(
                                "<#include \"macros.ftlh\">${unbroken('3 % of 5 × 5, × 2, 1 ± 2 in row 7, p = 0.03')?no_esc}",
                                Map.of())
                        .strip());
    }
}
