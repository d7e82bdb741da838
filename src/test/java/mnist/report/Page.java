package mnist.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;

/** A report before its formulas are typeset, read as text. */
record Page(String html, List<String> blocks, String text) {
    private static final Pattern BLOCK =
            Pattern.compile("<(p|li|figcaption|caption|tr)\\b[^>]*>(.*?)</\\1>", Pattern.DOTALL);

    private static final Pattern TAG = Pattern.compile("<[^>]*>");
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private static String text(String html) {
        String cells = html.replace("</td>", " | ").replace("</th>", " | ").replace('\u00a0', ' ');
        return SPACES.matcher(TAG.matcher(cells).replaceAll(""))
                .replaceAll(" ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
                .strip();
    }

    /** Finds the paragraphs, captions, and rows of tables of a page. */
    static Page of(String html) {
        List<String> blocks =
                BLOCK.matcher(html).results().map(match -> text(match.group(2))).toList();
        return new Page(html, blocks, String.join("\n", blocks));
    }

    /** Returns the first block that contains some words. */
    String block(String words) {
        return blocks.stream()
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
        return blocks.stream()
                .filter(block -> block.startsWith(number + " | ") && block.contains(" of "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + number));
    }

    /** Asserts that each of some sentences is in the report. */
    void says(String... sentences) {
        for (String sentence : sentences) assertTrue(text.contains(sentence), "the report does not say: " + sentence);
    }

    /** Asserts that none of some words is in the report. */
    void lacks(String... words) {
        for (String some : words) assertFalse(text.contains(some), "the report says: " + some);
    }
}
