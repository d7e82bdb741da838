package mnist.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the classifier of problem 4 takes the reconstructions of images for.
 *
 * @param truth the images' digits
 * @param found those of the reconstructions
 * @param ofOriginals those of the images themselves
 */
public record RecognizedDigits(long[] truth, long[] found, long[] ofOriginals) {
    /** A reconstruction that is recognized as another digit than its image, by the image's number from 1. */
    public record Change(int image, String digits) {}

    /** A change of digits, as "4→9", and how many there are. */
    public record Kind(String digits, long count) {}

    /** Returns all reconstructions that are recognized as another digit. */
    public List<Change> changes() {
        return IntStream.range(0, found.length)
                .filter(i -> truth[i] != found[i])
                .mapToObj(i -> new Change(i + 1, truth[i] + "→" + found[i]))
                .toList();
    }

    /** Returns the kinds of changes, the most frequent first. */
    public List<Kind> kinds() {
        return changes().stream()
                .collect(Collectors.groupingBy(Change::digits, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> new Kind(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Kind::count).reversed().thenComparing(Kind::digits))
                .toList();
    }

    /** Returns the fraction of the reconstructions that are another digit. */
    public double otherDigits() {
        return different(found);
    }

    public double otherDigitsOfOriginals() {
        return different(ofOriginals);
    }

    private double different(long[] digits) {
        long different = IntStream.range(0, truth.length)
                .filter(i -> truth[i] != digits[i])
                .count();
        return (double) different / truth.length;
    }
}
