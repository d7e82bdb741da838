package mnist.report;

import com.openhtmltopdf.extend.OutputDevice;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.pdfboxout.PdfBoxRenderer;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.render.DefaultObjectDrawerFactory;
import com.openhtmltopdf.render.RenderingContext;
import com.openhtmltopdf.util.XRLog;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.logging.Level;
import org.apache.batik.parser.AWTPathProducer;
import org.w3c.dom.Element;

/** Prints a page of XHTML as PDF: tagged, with its title, language, bookmarks and fonts inside. */
final class Pdf {
    private static final String FONTS = "/net/sf/jasperreports/fonts/dejavu/";

    private static final Color INK = new Color(0x111111); // as in report.css

    private Pdf() {}

    /** Prints a page whose formulas are LaTeX. */
    static void write(String html, Formulas formulas, Path file) throws IOException {
        XRLog.listRegisteredLoggers().forEach(logger -> XRLog.setLevel(logger, Level.SEVERE));
        DefaultObjectDrawerFactory drawers = new DefaultObjectDrawerFactory();
        drawers.registerDrawer("formula", Pdf::fill);
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

    /** Fills the box that {@link Formulas#forPrint} leaves for a formula with its outlines. */
    private static Map<Shape, String> fill(
            Element box,
            double x,
            double y,
            double width,
            double height,
            OutputDevice device,
            RenderingContext context,
            int dotsPerPixel) {
        double shown = width / dotsPerPixel;
        double scale = shown / Double.parseDouble(box.getAttribute("units"));
        device.drawWithGraphics((float) x, (float) y, (float) shown, (float) height / dotsPerPixel, graphics -> {
            graphics.scale(scale, scale);
            graphics.setColor(INK);
            graphics.fill(outlines(box.getAttribute("data")));
        });
        return Map.of();
    }

    private static Shape outlines(String path) {
        try {
            return AWTPathProducer.createShape(new StringReader(path), Path2D.WIND_NON_ZERO);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it reads from a string
        }
    }

    private static void font(PdfRendererBuilder builder, String file, String family, int weight, FontStyle style) {
        builder.useFont(() -> Pdf.class.getResourceAsStream(FONTS + file), family, weight, style, true);
    }
}
