package mnist.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A report before its formulas are typeset, read as text. */
record Page(String html) {
    private static final Pattern BLOCK =
            Pattern.compile("<(p|li|figcaption|caption|tr)\\b[^>]*>(.*?)</\\1>", Pattern.DOTALL);

    private static String text(String html) {
        return html.replaceAll("</t[dh]>", " | ")
                .replaceAll("<[^>]*>", "")
                .replace('\u00a0', ' ')
                .replaceAll("\\s+", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
                .strip();
    }

    /** Returns the paragraphs, captions, and rows of tables. */
    List<String> blocks() {
        return BLOCK.matcher(html).results().map(match -> text(match.group(2))).toList();
    }

    /** Returns the first of them that contains some words. */
    String block(String words) {
        return blocks().stream()
                .filter(block -> block.contains(words))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing says " + words));
    }

    /** Returns the caption of a figure. */
    String caption(String id) {
        return Pattern.compile("<figure id=\"" + id + "\".*?<figcaption>(.*?)</figcaption>", Pattern.DOTALL)
                .matcher(html)
                .results()
                .map(match -> text(match.group(1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no figure " + id));
    }

    /** Returns the row of the tables of comparisons with a number. */
    String row(int number) {
        return blocks().stream()
                .filter(block -> block.startsWith(number + " | ") && block.contains(" of "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + number));
    }

    /** Asserts that each of some sentences is in the report. */
    void says(String... sentences) {
        String text = blocks().stream().collect(Collectors.joining("\n"));
        for (String sentence : sentences) assertTrue(text.contains(sentence), "the report does not say: " + sentence);
    }

    /** Asserts that none of some words is in the report. */
    void lacks(String... words) {
        String text = blocks().stream().collect(Collectors.joining("\n"));
        for (String some : words) assertFalse(text.contains(some), "the report says: " + some);
    }
}
