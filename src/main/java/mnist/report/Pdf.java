package mnist.report;

import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfBoxRenderer;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.render.DefaultObjectDrawerFactory;
import com.openhtmltopdf.util.XRLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;

/** Prints a page of XHTML as PDF: tagged, with its title, language, bookmarks and fonts inside. */
final class Pdf {
    private static final String FONTS = "/net/sf/jasperreports/fonts/dejavu/";

    private Pdf() {}

    /** Prints a page whose formulas are LaTeX. */
    static void write(String html, Formulas formulas, Path file) throws IOException {
        XRLog.listRegisteredLoggers().forEach(logger -> XRLog.setLevel(logger, Level.SEVERE));
        DefaultObjectDrawerFactory drawers = new DefaultObjectDrawerFactory();
        drawers.registerDrawer("formula", new FormulaDrawer());
        try (OutputStream out = Files.newOutputStream(file)) {
            PdfRendererBuilder builder = new PdfRendererBuilder();
            builder.usePdfUaAccessibility(true);
            builder.useObjectDrawerFactory(drawers);
            font(builder, "DejaVuSerifCondensed.ttf", "DejaVu Serif", 400, FontStyle.NORMAL);
            font(builder, "DejaVuSerifCondensed-Italic.ttf", "DejaVu Serif", 400, FontStyle.ITALIC);
            font(builder, "DejaVuSerifCondensed-Bold.ttf", "DejaVu Serif", 700, FontStyle.NORMAL);
            font(builder, "DejaVuSansMono.ttf", "DejaVu Sans Mono", 400, FontStyle.NORMAL);
            builder.withProducer("mnist-libtorch");
            builder.withHtmlContent(formulas.forPrint(html), null);
            builder.toStream(out);
            try (PdfBoxRenderer renderer = builder.buildPdfRenderer()) {
                Floats.layout(renderer);
                renderer.createPDF();
            }
        }
    }

    private static void font(PdfRendererBuilder builder, String file, String family, int weight, FontStyle style) {
        builder.useFont(() -> Pdf.class.getResourceAsStream(FONTS + file), family, weight, style, true);
    }
}
