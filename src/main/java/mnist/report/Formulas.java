package mnist.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptableObject;

/** Typesets the LaTeX formulas of a page with MathJax: \( inline \) and \[ on lines of their own \]. */
final class Formulas {
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

    private final ScriptableObject scope;

    Formulas() {
        try (Context context = context()) {
            scope = context.initStandardObjects();
            context.evaluateString(scope, "var MathJax = {};", "start", 1, null);
            for (String part : PARTS) context.evaluateString(scope, source(part), part, 1, null);
        }
    }

    private static Context context() {
        Context context = Context.enter();
        context.setInterpretedMode(true); // compiling takes longer than all formulas
        context.setLanguageVersion(Context.VERSION_ES6);
        return context;
    }

    private static String source(String resource) {
        try (InputStream in = Formulas.class.getResourceAsStream(resource)) {
            // Rhino reads null as undefined where it was assigned to a parameter with its function's own name.
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("null===t&&(t=this.constructor", "null==t&&(t=this.constructor");
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
        try (Context context = context()) {
            Object result = ((Function) scope.get("svg", scope))
                    .call(context, scope, scope, new Object[] {formula.latex, formula.display});
            return Context.toString(result);
        } catch (RhinoException e) {
            throw new IllegalArgumentException(e.details() + " in " + formula.latex, e);
        }
    }
}
