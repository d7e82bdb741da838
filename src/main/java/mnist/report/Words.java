package mnist.report;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.EmbeddingQuality.Overlap;
import mnist.evaluation.Sample;

/** Puts numbers into words. What a sentence says depends on the numbers, so that none can contradict them. */
final class Words {
    /** What makes two digits alike, by the smaller and the larger. */
    private static final Map<String, String> ALIKE = Map.ofEntries(
            Map.entry("0/6", "a large closed loop"),
            Map.entry("0/2", "a wide arch"),
            Map.entry("0/8", "closed loops"),
            Map.entry("1/2", "a slanted stroke"),
            Map.entry("1/7", "one long stroke"),
            Map.entry("2/3", "an upper bow, open to the left"),
            Map.entry("2/7", "a slanted stroke below an arch"),
            Map.entry("2/8", "an upper bow and a crossing below"),
            Map.entry("3/5", "a lower bow, open to the left"),
            Map.entry("3/8", "two bows, which the 8 closes"),
            Map.entry("3/9", "a bow on the upper right"),
            Map.entry("4/6", "an open stroke on the left"),
            Map.entry("4/9", "a stem below a cup, which the 9 closes"),
            Map.entry("5/6", "a lower bow, which the 6 closes"),
            Map.entry("5/8", "a lower bow, which the 8 closes"),
            Map.entry("5/9", "a bow on a stem"),
            Map.entry("6/8", "a closed lower loop"),
            Map.entry("7/9", "a stem below a head, which the 9 closes"),
            Map.entry("8/9", "a closed upper loop"),
            Map.entry("4/7", "a stem that leans to the left"));

    private Words() {}

    static String percent(double share, int digits) {
        return String.format("%." + digits + "f %%", 100 * share);
    }

    /** Says how far a ratio is from one: "a factor of 25", "8 %". */
    static String ratio(double ratio) {
        double factor = Math.max(ratio, 1 / ratio);
        if (factor > 1000) return "a factor of over 1000";
        if (factor >= 2) return "a factor of " + number(factor, factor < 10 ? 1 : 0);
        return number(100 * Math.abs(ratio - 1), factor < 1.02 ? 1 : 0) + " %";
    }

    /** Lists things: "a, b and c". */
    static String list(List<String> things) {
        int last = things.size() - 1;
        return last < 1
                ? String.join("", things)
                : String.join(", ", things.subList(0, last)) + " and " + things.get(last);
    }

    /** Lists numbers, and consecutive ones by the first and the last: "1 to 5". */
    static String numbers(List<Long> numbers) {
        int last = numbers.size() - 1;
        boolean consecutive = IntStream.range(0, last).allMatch(i -> numbers.get(i + 1) == numbers.get(i) + 1);
        return consecutive && last > 1
                ? numbers.get(0) + " to " + numbers.get(last)
                : numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** Describes what two digits have in common; a dash where nothing is known. */
    static String alike(int a, int b) {
        return ALIKE.getOrDefault(Math.min(a, b) + "/" + Math.max(a, b), "–");
    }

    /** Writes a number with a true minus, and no minus where nothing else is left of it. */
    static String number(double value, int digits) {
        String text = String.format("%." + digits + "f", value);
        return text.matches("-0\\.?0*") ? text.substring(1) : text.replace('-', '−');
    }

    /** Writes the mean of some numbers, and where there are several their standard deviation. */
    static String number(Sample values, int digits) {
        String mean = number(values.mean(), digits);
        return values.values().length == 1 ? mean : mean + " ± " + number(values.std(), digits);
    }

    /** Describes how embeddings of some mean accuracy and silhouette separate the digits, in a sentence. */
    static String separation(List<EmbeddingQuality> seeds) {
        double accuracy = nearestNeighbourAccuracy(seeds).mean();
        double silhouette = silhouettes(seeds).mean();
        return String.format(
                "%s, %s the classes %s.",
                accuracy >= 0.5
                        ? "Images of the same digit lie near each other"
                        : accuracy >= 0.2
                                ? "Some digits lie together, but most of the plane is shared"
                                : "The digits are hardly separated",
                accuracy >= 0.5 && silhouette < 0.1 ? "but" : "and",
                silhouette < -0.05
                        ? "are mixed"
                        : silhouette < 0.1
                                ? "touch and interlock"
                                : silhouette < 0.5 ? "are partly apart" : "are clearly apart");
    }

    /** Says that a cloud is narrow, with a space before it, where it is. */
    static String narrow(EmbeddingQuality shown) {
        return shown.axisRatio() >= 0.2
                ? ""
                : String.format(
                        " The cloud shown is %s times as long as wide: one direction carries little of the variance.",
                        shown.axisRatio() > 0.001 ? String.format("%.0f", 1 / shown.axisRatio()) : "over 1000");
    }

    /**
     * Names the most confused pairs of digits and what they have in common, in a sentence with a space before it; empty
     * where there are none.
     */
    static String confused(EmbeddingQuality embedding) {
        return embedding.overlaps().stream()
                .map(overlap -> pair(overlap, percent(overlap.share(), 0)))
                .collect(sentence("In the embedding shown, the most confused pairs are "));
    }

    /**
     * Says what those of the most confused pairs have in common that were not named before.
     *
     * @param named the pairs that were; those named here are added
     */
    static String newlyConfused(String network, EmbeddingQuality embedding, Set<String> named) {
        return embedding.overlaps().stream()
                .filter(overlap -> named.add(pair(overlap)))
                .map(overlap -> pair(overlap, ""))
                .collect(sentence("New among the most confused pairs of " + network + ": "));
    }

    /** Names the pairs that are among the most confused of two embeddings, in a sentence with a space before it. */
    static String alwaysConfused(EmbeddingQuality before, EmbeddingQuality now) {
        List<String> earlier = before.overlaps().stream().map(Words::pair).toList();
        List<String> common = now.overlaps().stream()
                .map(Words::pair)
                .filter(earlier::contains)
                .toList();
        return common.isEmpty()
                ? ""
                : String.format(
                        " As in 5.4, %s %s among the most confused pairs: two numbers do not hold the strokes that tell such digits apart.",
                        list(common), common.size() == 1 ? "is" : "are");
    }

    private static Collector<CharSequence, ?, String> sentence(String beginning) {
        return Collectors.collectingAndThen(
                Collectors.joining(", "), list -> list.isEmpty() ? "" : " " + beginning + list + ".");
    }

    /** Writes a pair as in "4/9". */
    static String pair(Overlap overlap) {
        return overlap.first() + "/" + overlap.second();
    }

    private static String pair(Overlap overlap, String share) {
        String alike = alike(overlap.first(), overlap.second());
        String details = Stream.of(share, alike.equals("–") ? "" : alike)
                .filter(detail -> !detail.isEmpty())
                .collect(Collectors.joining(": "));
        return pair(overlap) + (details.isEmpty() ? "" : " (" + details + ")");
    }

    static Sample silhouettes(List<EmbeddingQuality> seeds) {
        return Sample.of(seeds, EmbeddingQuality::silhouette);
    }

    static Sample nearestNeighbourAccuracy(List<EmbeddingQuality> seeds) {
        return Sample.of(seeds, EmbeddingQuality::nearestNeighbourAccuracy);
    }
}
