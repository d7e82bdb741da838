package mnist.report;

import com.openhtmltopdf.extend.FSObjectDrawer;
import com.openhtmltopdf.extend.OutputDevice;
import com.openhtmltopdf.render.DefaultObjectDrawerFactory;
import com.openhtmltopdf.render.RenderingContext;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.ParserConfigurationException;
import net.sourceforge.jeuclid.MathMLParserSupport;
import net.sourceforge.jeuclid.context.LayoutContextImpl;
import net.sourceforge.jeuclid.context.Parameter;
import net.sourceforge.jeuclid.layout.JEuclidView;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * Puts the MathML formulas of a page into print: laid out once, at a size at which rounding is no matter, and then
 * drawn as outlines to the scale of the text around them, on its baseline.
 */
final class PrintedFormulas implements FSObjectDrawer {
    private static final Pattern FORMULA = Pattern.compile("(<math.*?</math>)([.,;:)]*)", Pattern.DOTALL);
    private static final String TYPE = "formula";
    private static final float EM = 100; // units of the layout
    private static final float PADDING = 0.12f * EM; // the layout's boxes cut off tails

    private final List<JEuclidView> formulas = new ArrayList<>();
    private final LayoutContextImpl layout = new LayoutContextImpl(LayoutContextImpl.getDefaultLayoutContext());
    private final Graphics2D measure = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();

    /** @param fonts TrueType resources, of one family */
    PrintedFormulas(String family, List<String> fonts) throws IOException {
        for (String font : fonts) {
            try (var in = PrintedFormulas.class.getResourceAsStream(font)) {
                GraphicsEnvironment.getLocalGraphicsEnvironment().registerFont(Font.createFont(Font.TRUETYPE_FONT, in));
            } catch (FontFormatException e) {
                throw new IOException(e);
            }
        }
        layout.setParameter(Parameter.MATHSIZE, EM);
        layout.setParameter(Parameter.FONTS_SERIF, List.of(family));
        measure.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    }

    /** Replaces the formulas of a page by boxes of their size, which are then filled by this drawer. */
    String boxed(String html) {
        return FORMULA.matcher(html).replaceAll(match -> Matcher.quoteReplacement(box(match.group(1), match.group(2))));
    }

    DefaultObjectDrawerFactory factory() {
        DefaultObjectDrawerFactory factory = new DefaultObjectDrawerFactory();
        factory.registerDrawer(TYPE, this);
        return factory;
    }

    /** @param punctuation what follows the formula and must not be parted from it */
    private String box(String mathMl, String punctuation) {
        try {
            JEuclidView formula = new JEuclidView(MathMLParserSupport.parseString(mathMl), layout, measure);
            formulas.add(formula);
            String box = String.format(
                    "<object type=\"%s\" data=\"%d\" style=\"display: inline-block; width: %.3fem; height: %.3fem; vertical-align: %.3fem\"/>",
                    TYPE,
                    formulas.size() - 1,
                    (formula.getWidth() + PADDING) / EM,
                    (formula.getAscentHeight() + formula.getDescentHeight() + PADDING) / EM,
                    -(formula.getDescentHeight() + PADDING) / EM);
            boolean display = mathMl.startsWith("<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\"");
            return display || !punctuation.isEmpty()
                    ? "<span class=\"" + (display ? "display" : "inline") + " formula\">" + box + punctuation
                            + "</span>"
                    : box;
        } catch (SAXException | ParserConfigurationException | IOException e) {
            throw new IllegalStateException(e); // it is MathML, or it would not be here
        }
    }

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
        JEuclidView formula = formulas.get(Integer.parseInt(box.getAttribute("data")));
        device.drawWithGraphics(
                (float) x, (float) y, (float) width / dotsPerPixel, (float) height / dotsPerPixel, graphics -> {
                    double scale = width / dotsPerPixel / (formula.getWidth() + PADDING);
                    graphics.scale(scale, scale);
                    graphics.setRenderingHint(
                            RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
                    formula.draw(graphics, 0, formula.getAscentHeight());
                });
        return Map.of();
    }
}
