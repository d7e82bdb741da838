package mnist.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TwoGroupsTest {
    private static final int SIDE = 28;

    /** Draws the outline of a square, without one of its pixels where it is to be open. */
    private static float[] square(int... open) {
        float[] image = new float[SIDE * SIDE];
        for (int i = 5; i <= 15; i++) {
            image[5 * SIDE + i] = 1;
            image[15 * SIDE + i] = 1;
            image[i * SIDE + 5] = 1;
            image[i * SIDE + 15] = 1;
        }
        for (int pixel : open) image[pixel] = 0;
        return image;
    }

    @Test
    void aClosedOutlineIsALoopAndOneThatIsOpenOnAnySideIsNot() {
        assertTrue(TwoGroups.hasLoop(square()));
        for (int gap : new int[] {5 * SIDE + 10, 15 * SIDE + 10, 10 * SIDE + 5, 10 * SIDE + 15})
            assertFalse(TwoGroups.hasLoop(square(gap)));
        assertFalse(TwoGroups.hasLoop(new float[SIDE * SIDE]));
    }

    /** Spreads 20 images of a 3 evenly in two groups on a diagonal, 8 open ones and 12 closed ones, so far apart. */
    private static Optional<TwoGroups> groups(double apart) {
        float[][] points = new float[40][];
        float[][] images = new float[40][];
        long[] labels = new long[40];
        for (int i = 0; i < 40; i++) {
            boolean three = i < 20;
            labels[i] = three ? 3 : 7;
            images[i] = i < 8 ? square(5 * SIDE + 10) : square();
            float along = (float) (three && i >= 8 ? i + apart : i);
            points[i] = new float[] {along, -along};
        }
        return TwoGroups.of(points, labels, images);
    }

    @Test
    void aDigitInTwoGroupsIsFoundAndWhatTheyDifferIn() {
        TwoGroups found = groups(20).orElseThrow();
        assertEquals(3, found.digit());
        assertEquals(0.4, found.smaller(), 1e-9); // 8 of 20
        // means 3.5 and 33.5 + ...: (8 + 5.5 + 20) - 3.5 = 30; variances (64 - 1) / 12 and (144 - 1) / 12
        assertEquals(30 / Math.sqrt((63 + 143) / 24.0), found.separation(), 1e-6);
        assertArrayEquals(new double[] {0, 1}, found.loops());
    }

    @Test
    void anEvenSpreadHasNoGroups() {
        assertTrue(groups(0).isEmpty());
    }
}
