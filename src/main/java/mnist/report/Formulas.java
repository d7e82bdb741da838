package mnist.report;

import app.cash.zipline.QuickJs;
import app.cash.zipline.QuickJsException;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Typesets the LaTeX formulas of a page with MathJax: \( inline \) and \[ on lines of their own \]; on one thread. */
final class Formulas implements AutoCloseable {
    private static final Pattern FORMULA = Pattern.compile("\\\\\\((.+?)\\\\\\)|\\\\\\[(.+?)\\\\]", Pattern.DOTALL);
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
    private final Map<Formula, String> drawn = new HashMap<>(); // most formulas are on the page as well as in the PDF

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

    /**
     * A formula.
     *
     * @param display whether it stands on a line of its own
     */
    record Formula(String latex, boolean display) {
        /** Returns the LaTeX as an attribute's value, for those who do not see the drawing. */
        String label() {
            return latex.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
        }

        /** Puts what is drawn of the formula into its place on a page. */
        String placed(String drawing) {
            return display ? "<span class=\"display formula\">" + drawing + "</span>" : drawing;
        }
    }

    /** Makes the formulas of a page SVG, for a browser, whatever fonts it has. */
    String forScreen(String html) {
        return replaced(
                html,
                formula -> formula.placed(svg(formula)
                        .replaceFirst(
                                "<svg ", Matcher.quoteReplacement("<svg aria-label=\"" + formula.label() + "\" "))));
    }

    /** Replaces each formula of a page by something else. */
    static String replaced(String html, java.util.function.Function<Formula, String> with) {
        UnaryOperator<String> unescaped =
                latex -> latex.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        return FORMULA.matcher(html).replaceAll(match -> {
            boolean display = match.group(1) == null;
            return Matcher.quoteReplacement(with.apply(
                    new Formula(unescaped.apply(match.group(display ? 2 : 1)).strip(), display)));
        });
    }

    /**
     * Returns a formula as outlines in SVG; 1000 units are an em.
     *
     * @throws IllegalArgumentException where it is not LaTeX
     */
    String svg(Formula formula) {
        return drawn.computeIfAbsent(formula, this::draw);
    }

    private String draw(Formula formula) {
        try {
            return (String) engine.evaluate(
                    "svg(" + new Gson().toJson(formula.latex) + ", " + formula.display + ")", formula.latex);
        } catch (QuickJsException e) {
            throw new IllegalArgumentException(e.getMessage() + " in " + formula.latex, e);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
