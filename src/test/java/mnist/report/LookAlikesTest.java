package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import mnist.runtime.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LookAlikesTest implements UsesLibTorch {
    @Test
    void anImageLooksLikeItsClassAndNotByItself() {
        ImageSet test = UsesLibTorch.sample().test();
        long[] truth = Tensors.longs(test.labels());
        double own = agreement(LookAlikes.classes(test.images(0, 200), test), truth);
        assertTrue(own > 0.6 && own < 1, "agreement " + own); // ten neighbours among 199 others, none of them itself
        Tensor ones = test.images(0, 200).index_select(0, firstOnes(truth, 200));
        long[] found = LookAlikes.classes(ones, test);
        for (long digit : found) assertEquals(1, digit);
    }

    /** Returns the index of the last 1, as often as asked. */
    private static Tensor firstOnes(long[] truth, int n) {
        int last = 0;
        for (int i = 0; i < truth.length; i++) if (truth[i] == 1) last = i;
        long[] indices = new long[n];
        java.util.Arrays.fill(indices, last);
        return Tensors.of(indices, n);
    }

    private static double agreement(long[] found, long[] truth) {
        int same = 0;
        for (int i = 0; i < found.length; i++) if (found[i] == truth[i]) same++;
        return (double) same / found.length;
    }

    @Test
    void failuresAreCountedAndThoseShownAreNamed() {
        long[] truth = {7, 2, 4, 9, 1, 1, 1, 1, 1, 1, 2, 2};
        long[] found = {7, 8, 9, 7, 1, 1, 1, 1, 1, 1, 8, 2};
        String said = LookAlikes.words(truth, found, truth);
        assertTrue(said.contains("of 4 of the first 12 test images (33.3 %; of the originals themselves 0.0 %)"), said);
        assertTrue(said.contains("most frequent are 2→8 (2), 4→9 (1), 9→7 (1)."), said);
        assertTrue(said.endsWith("Among the first ten, which are shown, these are 2→8, 4→9, 9→7."), said);
        String none = LookAlikes.words(truth, truth, truth);
        assertFalse(none.contains("most frequent"), none);
    }

    @Test
    void aZeroDistanceIsNoObstacle() {
        ImageSet test = UsesLibTorch.sample().test();
        assertEquals(3, LookAlikes.classes(torch.zeros_like(test.images(0, 3)), test).length);
    }
}
