package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

    @ParameterizedTest
    @CsvSource({
        "0.5, 0, Images of the same digit lie near each other",
        "0.499, 0, Some digits lie together",
        "0.2, 0, Some digits lie together",
        "0.199, 0, The digits are hardly separated",
        "0.3, -0.051, are mixed",
        "0.3, -0.05, touch and interlock",
        "0.3, 0.1, are partly apart",
        "0.3, 0.5, are clearly apart"
    })
    void eachThresholdChangesTheWords(double accuracy, double silhouette, String words) {
        String text = Words.separation(List.of(new EmbeddingQuality(accuracy, silhouette, 1, List.of())));
        assertTrue(text.contains(words), text);
    }

    @Test
    void aSeparationIsThatOfTheMeans() {
        assertEquals(
                "Some digits lie together, but most of the plane is shared, and the classes are partly apart.",
                Words.separation(List.of(
                        new EmbeddingQuality(0.1, 0.6, 1, List.of()), new EmbeddingQuality(0.5, -0.2, 1, List.of()))));
    }

    @Test
    void aSeparationThatTheSilhouetteDeniesIsLimited() {
        assertEquals(
                "Images of the same digit lie near each other, but the classes touch and interlock.",
                Words.separation(List.of(new EmbeddingQuality(0.7, 0, 1, List.of()))));
    }

    @Test
    void onlyANarrowCloudIsCalledSo() {
        assertEquals("", Words.narrow(new EmbeddingQuality(0.3, 0, 0.2, List.of())));
        assertEquals(
                " The cloud shown is 5 times as long as wide: one direction carries little of the variance.",
                Words.narrow(new EmbeddingQuality(0.3, 0, 0.199, List.of())));
        assertTrue(Words.narrow(new EmbeddingQuality(0.3, 0, 0.001, List.of())).contains("over 1000 times"));
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
    void pairsThatTwoEmbeddingsConfuseAreNamed() {
        EmbeddingQuality before =
                new EmbeddingQuality(0.3, 0.2, 0.5, List.of(new Overlap(4, 9, 0.4), new Overlap(3, 5, 0.25)));
        EmbeddingQuality now =
                new EmbeddingQuality(0.3, 0.2, 0.5, List.of(new Overlap(3, 5, 0.4), new Overlap(5, 8, 0.25)));
        assertEquals(
                " As in 5.4, 3/5 is among the most confused pairs: two numbers do not hold the strokes that tell such digits apart.",
                Words.alwaysConfused(before, now));
        assertTrue(Words.alwaysConfused(before, before).startsWith(" As in 5.4, 4/9 and 3/5 are among"));
        assertEquals("", Words.alwaysConfused(before, new EmbeddingQuality(0.3, 0.2, 0.5, List.of())));
    }

    @Test
    void whatAPairHasInCommonIsSaidOnce() {
        Set<String> explained = new HashSet<>();
        EmbeddingQuality quality =
                new EmbeddingQuality(0.3, 0.2, 0.5, List.of(new Overlap(4, 9, 0.4), new Overlap(0, 1, 0.25)));
        assertEquals(
                " New among the most confused pairs of skip: 4/9 (a stem below a cup, which the 9 closes), 0/1.",
                Words.newlyConfused("skip", quality, explained));
        assertEquals("", Words.newlyConfused("skip", quality, explained));
    }

    @Test
    void consecutiveNumbersAreListedByTheirEnds() {
        assertEquals("1 to 5", Words.numbers(List.of(1L, 2L, 3L, 4L, 5L)));
        assertEquals("1, 3, 4", Words.numbers(List.of(1L, 3L, 4L)));
        assertEquals("7, 8", Words.numbers(List.of(7L, 8L)));
        assertEquals("7", Words.numbers(List.of(7L)));
    }

    @Test
    void thingsAreListed() {
        assertEquals("a", Words.list(List.of("a")));
        assertEquals("a and b", Words.list(List.of("a", "b")));
        assertEquals("a, b and c", Words.list(List.of("a", "b", "c")));
    }
}
