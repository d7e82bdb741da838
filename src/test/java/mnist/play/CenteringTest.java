package mnist.play;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import libtorch.Tensors;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;

class CenteringTest implements UsesLibTorch {
    private static final int SIDE = 28;

    /** Inks a rectangle of a drawing of 80×80. */
    private static float[] rectangle(int left, int top, int width, int height) {
        float[] drawing = new float[80 * 80];
        for (int y = top; y < top + height; y++) Arrays.fill(drawing, 80 * y + left, 80 * y + left + width, 1);
        return drawing;
    }

    private static void assertInked(int left, int top, int width, int height, float[] image) {
        float[] expected = new float[SIDE * SIDE];
        for (int y = top; y < top + height; y++) Arrays.fill(expected, SIDE * y + left, SIDE * y + left + width, 1);
        assertArrayEquals(expected, image, 1e-6f);
    }

    @Test
    void aSquareOfAnySizeAndPlaceFillsTheBox() {
        // The centre of 20 pixels is 9.5; the shift to 14 is 4.5, which is rounded up.
        assertInked(5, 5, 20, 20, Centering.image(rectangle(0, 0, 40, 40), 80));
        assertInked(5, 5, 20, 20, Centering.image(rectangle(30, 45, 10, 10), 80));
        assertInked(5, 5, 20, 20, Centering.image(rectangle(79, 79, 1, 1), 80));
    }

    @Test
    void theAspectRatioIsKept() {
        assertInked(12, 5, 5, 20, Centering.image(rectangle(3, 9, 10, 40), 80)); // 14 - (5 - 1) / 2 = 12
        assertInked(5, 14, 20, 1, Centering.image(rectangle(0, 70, 80, 1), 80));
    }

    @Test
    void aNewPixelIsTheMeanOfWhatItCovers() {
        float[] drawing = new float[80 * 80]; // 30 wide: a new pixel covers one and a half
        for (int y = 0; y < 30; y++) {
            Arrays.fill(drawing, 80 * y, 80 * y + 30, 0.4f);
            drawing[80 * y] = 1;
        }
        float[] image = Centering.image(drawing, 80);
        int left = 0;
        while (image[14 * SIDE + left] == 0) left++;
        assertEquals((1 + 0.5 * 0.4) / 1.5, image[14 * SIDE + left], 1e-6);
        for (int x = 1; x < 20; x++) assertEquals(0.4, image[14 * SIDE + left + x], 1e-6);
    }

    @Test
    void theCentreOfMassAndNotOfTheBoxIsInTheMiddle() {
        float[] drawing = rectangle(0, 0, 4, 20); // a bar on the left,
        drawing[19 + 80 * 19] = 1e-3f; // and hardly anything on the right
        float[] image = Centering.image(drawing, 80);
        // The bar's centre is 1.5, so the box of 20 would go 13 to the right; but it ends after 8.
        assertEquals(1, image[10 * SIDE + 8], 0);
        assertEquals(0, image[10 * SIDE + 7], 0);
        // Downwards the centre is a little more than 9.5, and the shift a little less than 4.5.
        assertEquals(1e-3, image[23 * SIDE + 27], 1e-6);
    }

    @Test
    void digitsOfMnistThatWereEnlargedAndMovedComeBackAsTheyWere() {
        float[][] digits = Tensors.rows(UsesLibTorch.sample().test().images(0, 200));
        int same = 0;
        for (float[] digit : digits) {
            float[] drawing = new float[120 * 120];
            for (int i = 0; i < 84 * 84; i++)
                drawing[(i / 84 + 30) * 120 + i % 84 + 7] = digit[i / 84 / 3 * SIDE + i % 84 / 3];
            float[] image = Centering.image(drawing, 120);
            double most = 0;
            for (int p = 0; p < image.length; p++) most = Math.max(most, Math.abs(image[p] - digit[p]));
            if (most < 1e-5) same++;
        }
        assertTrue(same >= 195, same + " of 200"); // the others are a pixel away: a shift of nearly half a pixel
    }

    @Test
    void withoutInkThereIsNothingToCentre() {
        assertThrows(RequestException.class, () -> Centering.image(new float[28 * 28], 28));
    }
}
