package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecognizedDigitsTest {
    private static final long[] TRUTH = {7, 2, 4, 9, 1, 1, 1, 1, 1, 1, 2, 2};

    @Test
    void failuresAreCountedAndThoseShownAreNamed() {
        long[] found = {7, 8, 9, 7, 1, 1, 1, 1, 1, 1, 8, 2};
        long[] originals = {7, 2, 4, 9, 1, 1, 7, 7, 7, 1, 2, 2};
        RecognizedDigits recognized = new RecognizedDigits(TRUTH, found, originals);
        assertEquals(4 / 12.0, recognized.otherDigits());
        assertEquals(3 / 12.0, recognized.otherDigitsOfOriginals());
        String said = recognized.words();
        assertTrue(
                said.contains(
                        "takes the reconstructions of 4 of the first 12 test images for another digit (33.3 %; of the originals themselves 25.0 %)"),
                said);
        assertTrue(said.contains("most frequent are 2→8 (2), 4→9 (1), 9→7 (1)."), said);
        assertTrue(
                said.endsWith(
                        "Among the first ten, which are shown, these are 2→8 (image 2), 4→9 (image 3), 9→7 (image 4)."),
                said);
    }

    @Test
    void ofNoFailureNothingIsListed() {
        assertEquals(
                "The classifier of problem 4 takes each of the first 12 reconstructions for its own digit.",
                new RecognizedDigits(TRUTH, TRUTH, TRUTH).words());
    }
}
