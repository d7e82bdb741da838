package mnist.report;

import app.cash.zipline.QuickJs;
import app.cash.zipline.QuickJsException;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Typesets the LaTeX formulas of a page with MathJax: \( inline \) and \[ on lines of their own \]; on one thread. */
final class Formulas implements AutoCloseable {
    private static final Pattern FORMULA = Pattern.compile("\\\\\\((.+?)\\\\\\)|\\\\\\[(.+?)\\\\]", Pattern.DOTALL);
    /** A formula with the punctuation after it, which stay on one line. */
    private static final Pattern PUNCTUATED = Pattern.compile("(<object [^>]*/>)([.,;:)]+)");

    private static final String MATHJAX = "/META-INF/resources/webjars/mathjax/3.2.2/es5/";
    private static final List<String> PARTS = List.of(
            MATHJAX + "core.js",
            MATHJAX + "adaptors/liteDOM.js",
            MATHJAX + "input/tex-base.js",
            MATHJAX + "input/tex/extensions/ams.js",
            MATHJAX + "output/svg.js",
            MATHJAX + "output/svg/fonts/tex.js",
            "formulas.js");

    private final QuickJs engine = QuickJs.create();

    Formulas() {
        engine.evaluate("var MathJax = {};", "start");
        for (String part : PARTS) engine.evaluate(source(part), part);
    }

    private static String source(String resource) {
        try (InputStream in = Formulas.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces the formulas of a page by SVG, which does not depend on a browser's fonts. */
    String forScreen(String html) {
        return replaced(html, "forScreen");
    }

    /** Replaces the formulas of a page by boxes of their size, which {@link Pdf} fills. */
    String forPrint(String html) {
        return PUNCTUATED.matcher(replaced(html, "forPrint")).replaceAll("<span class=\"together\">$1$2</span>");
    }

    private String replaced(String html, String function) {
        return FORMULA.matcher(html).replaceAll(match -> {
            boolean display = match.group(1) == null;
            return Matcher.quoteReplacement(drawn(function, match.group(display ? 2 : 1), display));
        });
    }

    /**
     * Returns the result of a function of formulas.js for a formula.
     *
     * @param latex the formula, with HTML's entities
     * @param display whether it is a display formula
     * @throws IllegalArgumentException if it is not LaTeX
     */
    String drawn(String function, String latex, boolean display) {
        try {
            return (String)
                    engine.evaluate(String.format("%s(%s, %s)", function, new Gson().toJson(latex), display), latex);
        } catch (QuickJsException e) {
            throw new IllegalArgumentException(e.getMessage() + " in " + latex, e);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
