package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageErrorsTest {
    @Test
    void theWorstImageComesFirst() {
        ImageErrors errors = ImageErrors.of(new double[] {0.1, 0.4, 0.2, 0.3});
        assertArrayEquals(new long[] {1, 3, 2, 0}, errors.worst());
        assertEquals(new ImageErrors.ImageError(1, 0.4), errors.largest().get(0));
        assertEquals(0.25, errors.median(), 1e-12);
        assertEquals(0.2, ImageErrors.of(new double[] {0.1, 0.9, 0.2}).median());
    }

    @Test
    void tenAreKept() {
        ImageErrors errors =
                ImageErrors.of(IntStream.range(0, 25).asDoubleStream().toArray());
        assertArrayEquals(new long[] {24, 23, 22, 21, 20, 19, 18, 17, 16, 15}, errors.worst());
        assertEquals(12, errors.median());
    }
}
