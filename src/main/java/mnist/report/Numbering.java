package mnist.report;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers the figures and tables of a page in their order: in captions, and where \ref{id} refers to them. */
final class Numbering {
    private static final Pattern NUMBERED = Pattern.compile("<(figure|table)\\b[^>]*?\\bid=\"([^\"]+)\"");
    private static final Pattern CAPTION =
            Pattern.compile("(<(figure|table)\\b[^>]*?\\bid=\"([^\"]+)\".*?<(?:fig)?caption>)", Pattern.DOTALL);
    private static final Pattern REFERENCE = Pattern.compile("(\\(?)\\\\ref\\{([^}]+)\\}");

    private Numbering() {}

    /** @throws IllegalArgumentException where a reference has no figure or table */
    static String apply(String html) {
        Map<String, String> names = new HashMap<>();
        Map<String, Integer> counts = new HashMap<>();
        NUMBERED.matcher(html)
                .results()
                .forEach(match -> names.put(
                        match.group(2),
                        (match.group(1).equals("figure") ? "Figure " : "Table ")
                                + counts.merge(match.group(1), 1, Integer::sum)));
        String captioned = CAPTION.matcher(html)
                .replaceAll(match ->
                        Matcher.quoteReplacement(match.group(1) + "<b>" + names.get(match.group(3)) + ".</b> "));
        return REFERENCE.matcher(captioned).replaceAll(match -> {
            String id = match.group(2);
            if (!names.containsKey(id)) throw new IllegalArgumentException("no figure or table " + id);
            String link = "<a href=\"#" + id + "\">" + names.get(id).replace(' ', '\u00a0') + "</a>";
            return match.group(1).isEmpty() ? link : "<span class=\"together\">(" + link + "</span>"; // on one line
        });
    }
}
