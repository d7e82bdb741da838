package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import mnist.UsesLibTorch;
import mnist.evaluation.EmbeddingQuality.Overlap;
import org.junit.jupiter.api.Test;

class EmbeddingQualityTest implements UsesLibTorch {
    @Test
    void fourPointsWorkedOutByHand() {
        // Class 0 at 0 and 1, class 1 at 4 and 6, on a line.
        // 0: a = 1, b = (4 + 6)/2 = 5, s = 4/5.    1: a = 1, b = (3 + 5)/2 = 4, s = 3/4.
        // 4: a = 2, b = (4 + 3)/2 = 3.5, s = 3/7.  6: a = 2, b = (6 + 5)/2 = 5.5, s = 7/11.
        EmbeddingQuality quality =
                EmbeddingQuality.of(new float[][] {{0, 0}, {1, 0}, {4, 0}, {6, 0}}, new long[] {0, 0, 1, 1});
        assertEquals((4 / 5.0 + 3 / 4.0 + 3 / 7.0 + 7 / 11.0) / 4, quality.silhouette(), 1e-6);
    }

    @Test
    void theOnlyPointOfAClassCountsAsZero() {
        // 0 and 1 of class 0, 5 of class 1: silhouettes (5-1)/5, (4-1)/4 and 0
        EmbeddingQuality quality = EmbeddingQuality.of(new float[][] {{0, 0}, {1, 0}, {5, 0}}, new long[] {0, 0, 1});
        assertEquals((4 / 5.0 + 3 / 4.0) / 3, quality.silhouette(), 1e-6);
    }

    @Test
    void classesThatAreFarApartAreToldApart() {
        EmbeddingQuality quality = clouds(100, 0);
        assertEquals(1, quality.nearestNeighbourAccuracy());
        assertEquals(1, quality.silhouette(), 0.05);
        assertEquals("none", quality.overlapsInWords());
    }

    @Test
    void twoClassesInOnePlaceAreFoundToOverlap() {
        EmbeddingQuality quality = clouds(100, 7);
        Overlap worst = quality.overlaps().get(0);
        assertEquals(3, worst.first());
        assertEquals(7, worst.second());
        assertEquals(0.5, worst.share(), 0.15);
        assertEquals(1, quality.overlaps().size());
        assertEquals(0.9, quality.nearestNeighbourAccuracy(), 0.03); // half of two classes of ten is lost
    }

    @Test
    void theAxisRatioTellsACloudFromALine() {
        long[] labels = {0, 0, 1, 1};
        // an ellipse with half axes 4 and 2, turned by 45 degrees: the ratio is 2/4
        float[][] ellipse = {{4, 4}, {-4, -4}, {2, -2}, {-2, 2}};
        assertEquals(0.5, EmbeddingQuality.of(ellipse, labels).axisRatio(), 1e-6);
        float[][] line = {{1, 2}, {2, 4}, {3, 6}, {5, 10}};
        assertEquals(0, EmbeddingQuality.of(line, labels).axisRatio(), 1e-6);
        float[][] point = {{1, 2}, {1, 2}, {1, 2}, {1, 2}};
        assertEquals(0, EmbeddingQuality.of(point, labels).axisRatio());
    }

    @Test
    void aPointDoesNotVoteForItself() {
        assertEquals(
                0,
                EmbeddingQuality.of(new float[][] {{0, 0}, {1, 0}}, new long[] {0, 1})
                        .nearestNeighbourAccuracy());
    }

    @Test
    void theNeighboursAreThoseThatAPlainSearchFinds() {
        Random random = new Random(2);
        float[][] points = new float[700][2]; // more than one chunk
        long[] labels = new long[700];
        for (int i = 0; i < 700; i++) {
            labels[i] = i % 10;
            points[i][0] = (float) (labels[i] + 2 * random.nextGaussian());
            points[i][1] = (float) random.nextGaussian();
        }
        int right = 0;
        for (int i = 0; i < 700; i++) {
            float[] p = points[i];
            int self = i;
            int[] votes = new int[10];
            IntStream.range(0, 700)
                    .filter(j -> j != self)
                    .boxed()
                    .sorted(Comparator.comparingDouble(j -> Math.hypot(points[j][0] - p[0], points[j][1] - p[1])))
                    .limit(10)
                    .forEach(j -> votes[(int) labels[j]]++);
            int winner = 0;
            for (int digit = 1; digit < 10; digit++) if (votes[digit] > votes[winner]) winner = digit;
            if (winner == labels[i]) right++;
        }
        assertEquals(right / 700.0, EmbeddingQuality.of(points, labels).nearestNeighbourAccuracy(), 1e-9);
    }

    /**
     * Ten clouds of 70 points, in more rows than one chunk; the cloud of class 7 lies on that of class 3 if asked to.
     */
    private static EmbeddingQuality clouds(double distance, int moved) {
        Random random = new Random(1);
        float[][] points = new float[700][2];
        long[] labels = new long[700];
        for (int i = 0; i < 700; i++) {
            labels[i] = i % 10;
            long place = moved == 7 && labels[i] == 7 ? 3 : labels[i];
            points[i][0] = (float) (distance * place + random.nextGaussian());
            points[i][1] = (float) random.nextGaussian();
        }
        return EmbeddingQuality.of(points, labels);
    }
}
