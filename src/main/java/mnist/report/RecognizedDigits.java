package mnist.report;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.Reconstructions;

/**
 * What the classifier of problem 4 takes the reconstructions of images for.
 *
 * @param truth the images' digits
 * @param found those of the reconstructions
 * @param ofOriginals those of the images themselves
 */
public record RecognizedDigits(long[] truth, long[] found, long[] ofOriginals) {
    /** A reconstruction that is recognized as another digit than its image is of, by the image's number from 1. */
    public record Change(int image, long from, long to) {}

    /** A kind of change, and how many there are. */
    public record Kind(long from, long to, long count) {}

    /** Returns all reconstructions that are recognized as another digit. */
    public List<Change> changes() {
        return changed(found.length).toList();
    }

    /** Returns those among the images that a figure shows. */
    public List<Change> shownChanges() {
        return changed(Math.min(Reconstructions.SHOWN, found.length)).toList();
    }

    private Stream<Change> changed(int images) {
        return IntStream.range(0, images)
                .filter(i -> truth[i] != found[i])
                .mapToObj(i -> new Change(i + 1, truth[i], found[i]));
    }

    /** Returns the kinds of changes, the most frequent first. */
    public List<Kind> kinds() {
        return changes().stream()
                .collect(Collectors.groupingBy(
                        change -> 10 * change.from + change.to, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> new Kind(entry.getKey() / 10, entry.getKey() % 10, entry.getValue()))
                .sorted(Comparator.comparingLong(Kind::count).reversed())
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
        return IntStream.range(0, truth.length)
                        .filter(i -> truth[i] != digits[i])
                        .count()
                / (double) truth.length;
    }
}
