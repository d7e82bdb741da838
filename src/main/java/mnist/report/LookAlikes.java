package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mnist.data.ImageSet;
import mnist.evaluation.Reconstructions;
import mnist.runtime.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Finds which digit a reconstruction looks like: the most frequent class among the ten test images nearest to it. */
final class LookAlikes {
    private static final int NEIGHBOURS = 10;
    private static final int CLASSES = 10;
    private static final int CHUNK = 200; // rows of the distance matrix at a time: 8 MB for 10,000 images

    private LookAlikes() {}

    /**
     * Classifies reconstructions of the first test images; an image's own original is not among its neighbours.
     *
     * @param reconstructions N×1×28×28
     */
    static long[] classes(Tensor reconstructions, ImageSet test) {
        try (PointerScope scope = new PointerScope()) {
            Tensor images = test.images(0, test.size()).flatten(1, -1);
            Tensor rows = reconstructions.flatten(1, -1);
            int n = (int) rows.size(0);
            int neighbours = (int) Math.max(1, Math.min(NEIGHBOURS, test.size() - 1));
            Tensor classes = torch.one_hot(test.labels(), CLASSES).to(ScalarType.Float);
            long[] found = new long[n];
            for (int from = 0; from < n; from += CHUNK) {
                try (PointerScope chunk = new PointerScope()) {
                    int size = Math.min(CHUNK, n - from);
                    Tensor distances = torch.cdist(rows.narrow(0, from, size), images);
                    distances.narrow(1, from, size).fill_diagonal_(new Scalar(Double.POSITIVE_INFINITY));
                    Tensor nearest = distances.topk(neighbours, 1, false, false).get1();
                    Tensor votes = classes.index_select(0, nearest.flatten()).view(size, neighbours, CLASSES);
                    long[] part = Tensors.longs(votes.sum(1).argmax(new LongOptional(1), false));
                    System.arraycopy(part, 0, found, from, size);
                }
            }
            return found;
        }
    }

    /**
     * Says which digits come out as which others.
     *
     * @param ofOriginals what the originals look like by the same rule
     */
    static String words(long[] truth, long[] found, long[] ofOriginals) {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            if (truth[i] == found[i]) continue;
            String change = truth[i] + "→" + found[i];
            counts.merge(change, 1, Integer::sum);
            if (i < Reconstructions.SHOWN) shown.add(change);
        }
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        if (all == 0)
            return String.format("Each of the first %,d reconstructions looks like its own digit.", found.length);
        String most = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                .limit(3)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        return String.format(
                "By the most frequent class among the ten other test images nearest to it, pixel by pixel, the reconstruction of %d of the first %,d test images (%s; of the originals themselves %s) looks like another digit; most frequent are %s. Among the first ten, which are shown, %s.",
                all,
                found.length,
                Words.percent((double) all / found.length, 1),
                Words.percent(different(truth, ofOriginals), 1),
                most,
                shown.isEmpty() ? "there is none" : "these are " + String.join(", ", shown));
    }

    /** Returns the fraction of the images that look like another digit. */
    static double different(long[] truth, long[] found) {
        return IntStream.range(0, truth.length)
                        .filter(i -> truth[i] != found[i])
                        .count()
                / (double) truth.length;
    }
}
