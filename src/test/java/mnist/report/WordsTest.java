package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.EmbeddingQuality.Overlap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "0.04, a factor of 25",
        "25, a factor of 25",
        "0.2, a factor of 5.0",
        "2, a factor of 2.0",
        "10, a factor of 10",
        "0.9, 10 %",
        "1.25, 25 %",
        "0.6, 40 %",
        "1.02, 2 %",
        "1.014, 1.4 %",
        "1, 0.0 %",
        "0.0001, a factor of over 1000",
        "Infinity, a factor of over 1000"
    })
    void aRatioIsAFactorOrAPercentage(double ratio, String words) {
        assertEquals(words, Words.ratio(ratio));
    }

    @ParameterizedTest
    @CsvSource({"-0.137, 2, −0.14", "-0.001, 2, 0.00", "0.5, 1, 0.5", "-0.0004, 3, 0.000", "-0.0006, 3, −0.001"})
    void numbersHaveATrueMinusAndNoneBeforeZero(double value, int digits, String text) {
        assertEquals(text, Words.number(value, digits));
    }

    @Test
    void whatTwoDigitsShareDoesNotDependOnTheirOrder() {
        assertEquals(Words.alike(4, 9), Words.alike(9, 4));
        assertTrue(Words.alike(4, 9).contains("stem"));
        assertEquals("–", Words.alike(0, 1));
    }

    @Test
    void theDigitsThatStandApartAreNamed() {
        float[][] points = new float[60][];
        long[] labels = new long[60];
        for (int i = 0; i < 60; i++) {
            labels[i] =
                    i % 3; // the 2s lie far away on a line of their own; the 0s and 1s alternate, two 0s to a 1 at the
            // end of theirs
            points[i] = labels[i] == 2 ? new float[] {1000, i} : new float[] {i, 0};
        }
        List<String> apart = Words.separatedDigits(points, labels);
        assertEquals(3, apart.size());
        assertEquals("2 (100 %)", apart.get(0));
        assertTrue(
                apart.get(2).matches("[01] \\(4[0-9] %\\)"),
                apart.toString()); // of ten neighbours a point sees four or five of its kind
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0, 1, images of the same digit form clusters",
        "0.499, 0, 1, some digits form clusters",
        "0.2, 0, 1, some digits form clusters",
        "0.199, 0, 1, hardly separated",
        "0.3, -0.051, 1, are mixed",
        "0.3, -0.05, 1, touch and interlock",
        "0.3, 0.1, 1, are partly apart",
        "0.3, 0.5, 1, are clearly apart",
        "0.3, 0, 0.199, 5 times as long as wide",
        "0.3, 0, 0.001, over 1000 times as long as wide"
    })
    void eachThresholdChangesTheWords(double accuracy, double silhouette, double axisRatio, String words) {
        String text = described(new EmbeddingQuality(accuracy, silhouette, axisRatio, List.of()));
        assertTrue(text.contains(words), text);
        assertEquals(axisRatio < 0.2, text.contains("little of the variance"), text);
    }

    @Test
    void aCloudAFifthAsWideAsLongIsNotCalledNarrow() {
        assertFalse(described(new EmbeddingQuality(0.3, 0, 0.2, List.of())).contains("little of the variance"));
    }

    private static String described(EmbeddingQuality... seeds) {
        return Words.described(List.of(seeds));
    }

    @Test
    void anEmbeddingIsDescribedAsItIs() {
        assertEquals(
                "images of the same digit form clusters; on the whole the classes are clearly apart (mean silhouette 0.600)",
                described(new EmbeddingQuality(0.9, 0.6, 0.8, List.of())));
        assertEquals(
                "the digits are hardly separated; on the whole the classes are mixed (mean silhouette −0.200). The cloud shown is 10 times as long as wide: one direction carries little of the variance",
                described(new EmbeddingQuality(
                        0.15, -0.2, 0.1, List.of(new Overlap(4, 9, 0.4), new Overlap(0, 1, 0.25)))));
    }

    @Test
    void confusedPairsAreNamedWithWhatTheyHaveInCommon() {
        EmbeddingQuality quality =
                new EmbeddingQuality(0.3, 0.2, 0.5, List.of(new Overlap(4, 9, 0.4), new Overlap(0, 1, 0.25)));
        assertEquals(
                " In the embedding shown, the most confused pairs are 4/9 (40 %: a stem below a cup, which the 9 closes), 0/1 (25 %).",
                Words.confused(quality));
        assertEquals("", Words.confused(new EmbeddingQuality(0.3, 0.2, 0.5, List.of())));
    }

    @Test
    void whatAPairHasInCommonIsSaidOnce() {
        Set<String> explained = new HashSet<>();
        EmbeddingQuality quality =
                new EmbeddingQuality(0.3, 0.2, 0.5, List.of(new Overlap(4, 9, 0.4), new Overlap(0, 1, 0.25)));
        assertEquals(
                " New among the most confused pairs of the network shown: 4/9 (a stem below a cup, which the 9 closes).",
                Words.newlyConfused(quality, explained));
        assertEquals("", Words.newlyConfused(quality, explained));
    }

    @Test
    void embeddingsOfSeveralSeedsAreDescribedByTheirMeansAndTheFirst() {
        String text = described(
                new EmbeddingQuality(0.1, 0.6, 0.1, List.of(new Overlap(4, 9, 0.4))),
                new EmbeddingQuality(0.5, -0.2, 0.8, List.of(new Overlap(0, 1, 0.25))));
        assertTrue(text.startsWith("some digits form clusters"), text);
        assertTrue(text.contains("partly apart (mean silhouette 0.200 ± 0.566)"), text);
        assertTrue(text.contains("10 times as long as wide"), text);
    }

    @Test
    void thingsAreListed() {
        assertEquals("a", Words.list(List.of("a")));
        assertEquals("a and b", Words.list(List.of("a", "b")));
        assertEquals("a, b and c", Words.list(List.of("a", "b", "c")));
    }
}
