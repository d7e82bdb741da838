package mnist.prob4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mnist.CommandLineRun;
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
    @CsvSource({"a, 4 1 1, 49x49", "b, 8 5 0, 9x9", "c, 10 2 2 pool, 23x23", "d, 2 1 0 pool, 49x49"})
    void theExercisesFourLayersHaveTheseSizes(String part, String layer, String expected) {
        String[] n = layer.split(" ");
        Object[] line = {"prob4", "size", "--input", "50x50", "--kernel", n[0], "--stride", n[1], "--padding", n[2]};
        CommandLineRun run = n.length == 3
                ? CommandLineRun.of(line)
                : CommandLineRun.of(java.util.stream.Stream.concat(
                                java.util.Arrays.stream(line), java.util.stream.Stream.of("--pool"))
                        .toArray());
        assertEquals(0, run.status(), run.err());
        assertEquals(expected + "\n", run.out());
    }

    @Test
    void heightComesBeforeWidth() {
        assertEquals(
                "8x18\n",
                CommandLineRun.of("prob4", "size", "--input", "10x20", "--kernel", "3")
                        .out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--kernel 0 | the kernel must be at least 1",
                "--kernel 3 --stride 0 | the stride must be at least 1",
                "--kernel 3 --padding -1 | the padding must be 0 or more",
                "--kernel 3 --padding 2 --pool | the padding of a pooling layer must be at most half its kernel",
                "--kernel 7 --input 5x50 | a kernel of 7 does not fit into an input of 5 with padding 0",
                "--kernel 3 --input 0x5 | the input must be at least 1",
                "--kernel 3 --input 50 | --input is 50, but must be like 50x50",
                "--kernel 3 --input 50x-1 | --input is 50x-1, but must be like 50x50",
                "--kernel 3 --padding 1073741824 --pool | the padding of a pooling layer must be at most half its kernel",
                "--kernel 3 --padding 2000000000 | the output is larger than any image",
                "--stride 2 | Missing required option: '--kernel=N'"
            })
    void whatNoLayerCanBeIsWrongUsage(String options, String message) {
        CommandLineRun run = CommandLineRun.of("prob4", "size", options.strip().split(" "));
        assertEquals(2, run.status());
        assertEquals("error: " + message + "; see mnist-libtorch prob4 size --help\n", run.err());
    }

    @Test
    void hugeNumbersDoNotOverflow() {
        assertEquals(Integer.MAX_VALUE, new Window(1, 1, 0, false).output(Integer.MAX_VALUE));
        assertThrows(IllegalArgumentException.class, () -> new Window(1, 1, Integer.MAX_VALUE, false).output(1));
    }
}
