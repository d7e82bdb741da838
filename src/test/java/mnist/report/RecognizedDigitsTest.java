package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecognizedDigitsTest {
    private static final long[] TRUTH = {7, 2, 4, 9, 1, 1, 1, 1, 1, 1, 2, 2};

    private static Records records;

    @BeforeAll
    static void copyTheRecordedRuns(@TempDir Path folder) throws IOException {
        records = new Records(folder);
    }

    private static ShownNetwork network(long[] found, long[] originals) {
        return new ShownNetwork(Records.SHOWN.get(Records.AE).regions(), TRUTH, found, originals);
    }

    @Test
    void failuresAreCountedAndThoseShownAreNamed() {
        long[] found = {7, 8, 9, 7, 1, 1, 1, 1, 1, 1, 8, 2};
        long[] originals = {7, 2, 4, 9, 1, 1, 7, 7, 7, 1, 2, 2};
        ShownNetwork recognized = network(found, originals);
        assertEquals(4 / 12.0, recognized.otherDigits());
        assertEquals(3 / 12.0, recognized.otherDigitsOfOriginals());
        records.page(recognized)
                .says(
                        "takes the reconstructions of 4 of the first 12 test images for another digit (33.3 %; of the originals themselves 25.0 %)",
                        "most frequent are 2→8 (2), 4→9 (1), 9→7 (1).",
                        "Among the first ten, which are shown, these are 2→8 (image 2), 4→9 (image 3), 9→7 (image 4).");
    }

    @Test
    void whereNoneOfThoseShownFailsItIsSaid() {
        long[] found = TRUTH.clone();
        found[11] = 8;
        records.page(network(found, TRUTH)).says("Among the first ten, which are shown, there is none.");
    }

    @Test
    void ofNoFailureNothingIsListed() {
        records.page(network(TRUTH, TRUTH))
                .says("The classifier of problem 4 takes each of the first 12 reconstructions for its own digit.");
    }
}
