package mnist.report;

import com.openhtmltopdf.extend.FSObjectDrawer;
import com.openhtmltopdf.extend.OutputDevice;
import com.openhtmltopdf.render.RenderingContext;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.batik.parser.AWTPathProducer;
import org.w3c.dom.Element;

/** Fills the boxes that {@link Formulas#forPrint} leaves for formulas with their outlines. */
final class FormulaDrawer implements FSObjectDrawer {
    private static final Color INK = new Color(0x111111); // as in report.css

    @Override
    public Map<Shape, String> drawObject(
            Element box,
            double x,
            double y,
            double width,
            double height,
            OutputDevice device,
            RenderingContext context,
            int dotsPerPixel) {
        double shownWidth = width / dotsPerPixel;
        double scale = shownWidth / Double.parseDouble(box.getAttribute("units"));
        device.drawWithGraphics((float) x, (float) y, (float) shownWidth, (float) height / dotsPerPixel, graphics -> {
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
            throw new UncheckedIOException(e); // nothing is read but the text
        }
    }
}
