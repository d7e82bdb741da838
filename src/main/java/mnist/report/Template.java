package mnist.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapper;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills the report's FreeMarker templates; {@code report.ftlh} includes the others. */
final class Template {
    private static final Configuration CONFIGURATION = configuration();
    private static final Pattern CAPTION =
            Pattern.compile("<(figure|table)\\b[^>]*?\\bid=\"([^\"]+)\".*?<(?:fig)?caption>", Pattern.DOTALL);
    private static final Pattern REFERENCE = Pattern.compile("(\\(?)\\\\ref\\{([^}]+)\\}");

    private Template() {}

    private static Configuration configuration() {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
        configuration.setClassForTemplateLoading(Template.class, "");
        configuration.setSharedVariable(
                "statics", ((DefaultObjectWrapper) configuration.getObjectWrapper()).getStaticModels());
        configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
        configuration.setDefaultEncoding("UTF-8");
        configuration.setInterpolationSyntax(Configuration.DOLLAR_INTERPOLATION_SYNTAX);
        configuration.setLocale(Locale.ROOT);
        configuration.setNumberFormat("c"); // shortest form, such as 0.001 and 128
        configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        configuration.setLogTemplateExceptions(false);
        configuration.setWrapUncheckedExceptions(true);
        configuration.setFallbackOnNullLoopVariable(false);
        return configuration;
    }

    /**
     * Returns the report as a page whose formulas are LaTeX.
     *
     * @param screen whether it is for the screen, and not for print
     * @throws IllegalStateException if a value is missing, or of another type than the template expects
     */
    static String filled(Map<String, Object> values, boolean screen) {
        return filled("<#assign screen = " + screen + "><#include \"report.ftlh\">", values);
    }

    /** Fills a template given as text. */
    static String filled(String text, Map<String, ?> values) {
        StringWriter page = new StringWriter();
        try {
            new freemarker.template.Template("page", text, CONFIGURATION).process(values, page);
        } catch (TemplateException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return numbered(page.toString());
    }

    /**
     * Numbers the figures and tables of a page in their order: in captions, and where \ref{id} refers to them.
     *
     * @throws IllegalArgumentException if a reference has no figure or table
     */
    static String numbered(String html) {
        Map<String, String> names = new HashMap<>();
        Map<String, Integer> counts = new HashMap<>();
        String captioned = CAPTION.matcher(html).replaceAll(match -> {
            String kind = match.group(1).equals("figure") ? "Figure " : "Table ";
            String name = kind + counts.merge(kind, 1, Integer::sum);
            names.put(match.group(2), name);
            return Matcher.quoteReplacement(match.group() + "<b>" + name + ".</b> ");
        });
        return REFERENCE.matcher(captioned).replaceAll(match -> {
            String id = match.group(2);
            if (!names.containsKey(id)) throw new IllegalArgumentException("no figure or table " + id);
            String link = "<a href=\"#" + id + "\">" + names.get(id).replace(' ', '\u00a0') + "</a>";
            return match.group(1).isEmpty() ? link : "<span class=\"together\">(" + link + "</span>"; // on one line
        });
    }
}
