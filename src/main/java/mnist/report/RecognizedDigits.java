package mnist.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mnist.evaluation.Reconstructions;

/**
 * What the classifier of problem 4 takes the reconstructions of images for.
 *
 * @param truth the images' digits
 * @param found those of the reconstructions
 * @param ofOriginals those of the images themselves
 */
record RecognizedDigits(long[] truth, long[] found, long[] ofOriginals) {
    /** Says which digits are recognized as which others, in sentences. */
    String words() {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            if (truth[i] == found[i]) continue;
            String change = truth[i] + "→" + found[i];
            counts.merge(change, 1, Integer::sum);
            if (i < Reconstructions.SHOWN) shown.add(change + " (image " + (i + 1) + ")");
        }
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        if (all == 0)
            return String.format(
                    "The classifier of problem 4 takes each of the first %,d reconstructions for its own digit.",
                    found.length);
        String most = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
                .limit(3)
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        return String.format(
                "The classifier of problem 4, which was trained on sharp images, takes the reconstructions of %d of the first %,d test images for another digit (%s; of the originals themselves %s); most frequent are %s. Among the first ten, which are shown, %s.",
                all,
                found.length,
                Words.percent(otherDigits(), 1),
                Words.percent(otherDigitsOfOriginals(), 1),
                most,
                shown.isEmpty() ? "there is none" : "these are " + String.join(", ", shown));
    }

    /** Returns the fraction of the reconstructions that are another digit. */
    double otherDigits() {
        return different(found);
    }

    double otherDigitsOfOriginals() {
        return different(ofOriginals);
    }

    private double different(long[] digits) {
        return IntStream.range(0, truth.length)
                        .filter(i -> truth[i] != digits[i])
                        .count()
                / (double) truth.length;
    }
}
