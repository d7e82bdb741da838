package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.EmbeddingQuality.Overlap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "0.002, 0.05, lower by a factor of 25",
        "0.05, 0.002, higher by a factor of 25",
        "0.1, 0.5, lower by a factor of 5.0",
        "0.9, 1, 10 % lower",
        "1.25, 1, 25 % higher",
        "1.01, 1, neither lower nor higher (within 2 %)",
        "1, 1, neither lower nor higher (within 2 %)",
        "0.6, 1, 40 % lower",
        "1.5, 2, 25 % lower",
        "1.02, 1, 2 % higher",
        "2, 1, higher by a factor of 2.0",
        "10, 1, higher by a factor of 10",
        "0.5, 0, higher",
        "0, 0, neither lower nor higher (within 2 %)"
    })
    void aComparisonSaysWhichIsLowerAndByHowMuch(double value, double other, String words) {
        assertEquals(words, Words.compared(value, other));
    }

    @ParameterizedTest
    @CsvSource({
        "0.336, 0.623, 28.7 points lower",
        "0.623, 0.336, 28.7 points higher",
        "0.5, 0.5, the same",
        "0.0004, 0, the same",
        "0.0005, 0, 0.1 points higher"
    })
    void sharesDifferByPoints(double share, double other, String words) {
        assertEquals(words, Words.points(share, other));
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
        String apart = Words.separatedDigits(points, labels);
        assertTrue(
                apart.startsWith("by the share of neighbours of their own class among the first 60 test images")
                        && apart.contains(", 2 (100 %) and "),
                apart);
        assertTrue(
                apart.matches(".*stand apart most, and [01] \\(4[0-9] %\\) least"),
                apart); // of ten neighbours a point sees four or five of its kind
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0, 1, Images of a digit cluster",
        "0.499, 0, 1, Some digits cluster",
        "0.2, 0, 1, Some digits cluster",
        "0.199, 0, 1, hardly separated in the plane",
        "0.3, -0.051, 1, are mixed on the whole",
        "0.3, -0.05, 1, touch and interlock",
        "0.3, 0.1, 1, are partly apart",
        "0.3, 0.5, 1, are clearly apart",
        "0.3, 0, 0.199, 5 times as long as wide",
        "0.3, 0, 0.001, over 1000 times as long as wide"
    })
    void eachThresholdChangesTheWords(double accuracy, double silhouette, double axisRatio, String words) {
        String text = Words.described(List.of(new EmbeddingQuality(accuracy, silhouette, axisRatio, List.of())));
        assertTrue(text.contains(words), text);
        assertEquals(axisRatio < 0.2, text.contains("little of the variance"), text);
    }

    @Test
    void aCloudAFifthAsWideAsLongIsNotCalledNarrow() {
        assertFalse(Words.described(List.of(new EmbeddingQuality(0.3, 0, 0.2, List.of())))
                .contains("little of the variance"));
    }

    @Test
    void anEmbeddingIsDescribedAsItIs() {
        String good = Words.learned(List.of(new EmbeddingQuality(0.9, 0.6, 0.8, List.of())));
        assertTrue(good.startsWith("For 90.0 % of the test images"), good);
        assertTrue(good.contains("Images of a digit cluster") && good.contains("clearly apart"), good);
        assertFalse(good.contains("most confused") || good.contains("little of the variance"), good);

        String poor = Words.described(List.of(
                new EmbeddingQuality(0.15, -0.2, 0.1, List.of(new Overlap(4, 9, 0.4), new Overlap(0, 1, 0.25)))));
        assertTrue(
                poor.startsWith(
                        "The digits are hardly separated in the plane. In the embedding shown, the most confused pairs are 4 and 9 (40 %: a stem"),
                poor);
        assertTrue(
                poor.contains("0 and 1 (25 %)")
                        && poor.contains("The classes are mixed on the whole (mean silhouette −0.200)")
                        && poor.contains("10 times as long as wide"),
                poor);

        String between = Words.described(List.of(new EmbeddingQuality(0.3, 0.2, 0.5, List.of())));
        assertTrue(between.startsWith("Some digits cluster") && between.contains("partly apart"), between);
    }

    @Test
    void embeddingsOfSeveralSeedsAreDescribedByTheirMeansAndTheFirst() {
        String text = Words.learned(List.of(
                new EmbeddingQuality(0.1, 0.6, 0.1, List.of(new Overlap(4, 9, 0.4))),
                new EmbeddingQuality(0.5, -0.2, 0.8, List.of(new Overlap(0, 1, 0.25)))));
        assertTrue(text.startsWith("For 30.0 ± 28.3 % of the test images"), text);
        assertTrue(text.contains("Some digits cluster") && text.contains("4 and 9 (40 %"), text);
        assertTrue(text.contains("partly apart (mean silhouette 0.200 ± 0.566)"), text);
        assertTrue(text.contains("10 times as long as wide") && !text.contains("0 and 1"), text);
    }

    @Test
    void thingsAreListed() {
        assertEquals("a", Words.list(List.of("a")));
        assertEquals("a and b", Words.list(List.of("a", "b")));
        assertEquals("a, b and c", Words.list(List.of("a", "b", "c")));
    }
}
