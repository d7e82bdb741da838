package mnist.prob4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mnist.UsesLibTorch;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest implements UsesLibTorch {
    /** What libtorch's own layer makes of an image; null where it refuses. */
    private static String libtorch(int height, int width, int kernel, int stride, int padding, boolean pool) {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = torch.zeros(1, 1, height, width);
            Tensor y;
            if (pool) {
                y = torch.max_pool2d(
                        x,
                        new long[] {kernel, kernel},
                        new long[] {stride, stride},
                        new long[] {padding, padding},
                        new long[] {1, 1},
                        false);
            } else {
                Conv2dOptions options = new Conv2dOptions(1, 1, new LongPointer(kernel, kernel));
                options.stride().put(0, stride).put(1, stride);
                options.padding().put(new LongPointer(padding, padding));
                y = new Conv2dImpl(options).forward(x);
            }
            return y.size(2) + "x" + y.size(3);
        } catch (RuntimeException refused) {
            return null;
        }
    }

    private static String window(int height, int width, int kernel, int stride, int padding, boolean pool) {
        try {
            Window window = new Window(kernel, stride, padding, pool);
            return window.output(height) + "x" + window.output(width);
        } catch (IllegalArgumentException refused) {
            return null;
        }
    }

    @Test
    void libtorchAgreesOverAGridOfLayersAndRefusesTheSame() {
        int sizes = 0;
        int refusals = 0;
        for (int height : new int[] {2, 7, 50}) {
            for (int width : new int[] {1, 50}) {
                for (int kernel : new int[] {1, 2, 3, 7, 10}) {
                    for (int stride : new int[] {0, 1, 2, 5}) {
                        for (int padding : new int[] {-1, 0, 1, 4}) {
                            for (boolean pool : new boolean[] {false, true}) {
                                String expected = libtorch(height, width, kernel, stride, padding, pool);
                                assertEquals(
                                        expected,
                                        window(height, width, kernel, stride, padding, pool),
                                        height + "x" + width + " k=" + kernel + " s=" + stride + " p=" + padding
                                                + (pool ? " pool" : " conv"));
                                if (expected == null) refusals++;
                                else sizes++;
                            }
                        }
                    }
                }
            }
        }
        assertTrue(sizes > 250 && refusals > 250, sizes + " sizes, " + refusals + " refusals");
    }

    @ParameterizedTest
    @CsvSource({"a, 4, 1, 1, false, 49", "b, 8, 5, 0, false, 9", "c, 10, 2, 2, true, 23", "d, 2, 1, 0, true, 49"})
    void theExercisesFourLayersHaveTheseSizes(
            String part, int kernel, int stride, int padding, boolean pool, int expected) {
        assertEquals(expected, new Window(kernel, stride, padding, pool).output(50));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 0, false, 50, the kernel must be at least 1",
        "3, 0, 0, false, 50, the stride must be at least 1",
        "3, 1, -1, false, 50, the padding must be 0 or more",
        "3, 1, 2, true, 50, the padding of a pooling layer must be at most half its kernel",
        "7, 1, 0, false, 5, a kernel of 7 does not fit into an input of 5 with padding 0",
        "3, 1, 0, false, 0, the input must be at least 1",
        "3, 1, 1073741824, true, 50, the padding of a pooling layer must be at most half its kernel",
        "3, 1, 2000000000, false, 50, the output is larger than any image"
    })
    void whatNoLayerCanBeIsRefused(int kernel, int stride, int padding, boolean pool, int input, String message) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> new Window(kernel, stride, padding, pool).output(input));
        assertEquals(message, refused.getMessage());
    }

    @Test
    void hugeNumbersDoNotOverflow() {
        assertEquals(Integer.MAX_VALUE, new Window(1, 1, 0, false).output(Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> new Window(1, 1, Integer.MAX_VALUE, false).output(1));
    }
}
