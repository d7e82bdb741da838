package mnist.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapper;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateModelException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import mnist.evaluation.Comparison;

/** Fills the report's templates, which have its words; {@code report.ftlh} includes the others. */
final class Template {
    private static final Configuration CONFIGURATION = configuration();

    private Template() {}

    private static Configuration configuration() {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
        configuration.setClassForTemplateLoading(Template.class, "");
        DefaultObjectWrapper wrapper = new DefaultObjectWrapperBuilder(Configuration.VERSION_2_3_34).build();
        configuration.setObjectWrapper(wrapper);
        try {
            configuration.setSharedVariable(
                    "comparison", wrapper.getStaticModels().get(Comparison.class.getName()));
        } catch (TemplateModelException e) {
            throw new IllegalStateException(e);
        }
        configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
        configuration.setDefaultEncoding("UTF-8");
        configuration.setInterpolationSyntax(Configuration.DOLLAR_INTERPOLATION_SYNTAX);
        configuration.setLocale(Locale.ROOT);
        configuration.setNumberFormat("c"); // 0.001 and 128, as short as they are
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
     * @throws IllegalStateException where a value is missing, or is of another kind than the template takes it for
     */
    static String filled(Map<String, Object> values, boolean screen) {
        return filled("<#assign screen = " + screen + "><#include \"report.ftlh\">", values);
    }

    /** Fills a template that is given as text. */
    static String filled(String text, Map<String, ?> values) {
        StringWriter page = new StringWriter();
        try {
            new freemarker.template.Template("page", text, CONFIGURATION).process(values, page);
        } catch (TemplateException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return unbroken(Numbering.apply(page.toString()));
    }

    /** Keeps a number and its signs on one line. */
    private static String unbroken(String page) {
        return page.replaceAll("(\\d) %", "$1\u00a0%")
                .replaceAll("(\\d) × (?=\\d)", "$1\u00a0×\u00a0")
                .replaceAll("× (?=\\d)", "×\u00a0")
                .replace(" ± ", "\u00a0±\u00a0")
                .replaceAll("\\brow (?=\\d)", "row\u00a0")
                .replaceAll("\\bp (=|&lt;) (\\d[.\\d]*)", "<span class=\"together\"><i>p</i>\u00a0$1\u00a0$2</span>")
                .replaceAll("\\b\\d/\\d(?= \\(\\d)", "<span class=\"number\">$0</span>")
                .replaceAll("−\\d[.\\d]*(\u00a0±\u00a0[.\\d]+)?", "<span class=\"number\">$0</span>");
    }
}
