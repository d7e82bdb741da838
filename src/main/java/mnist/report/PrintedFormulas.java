package mnist.report;

import com.openhtmltopdf.extend.FSObjectDrawer;
import com.openhtmltopdf.extend.OutputDevice;
import com.openhtmltopdf.render.DefaultObjectDrawerFactory;
import com.openhtmltopdf.render.RenderingContext;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.parser.AWTPathProducer;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Puts the formulas of a page into print, as outlines on the baseline of the text around them. */
final class PrintedFormulas implements FSObjectDrawer {
    private static final String TYPE = "formula";
    private static final double SCALE = 1.14 / 1000; // ems of the text a unit; the text's letters are larger than TeX's
    private static final double PADDING = 100; // units; letters reach beyond their boxes
    private static final double ASCENT = 850; // units; a box lower than the line's letters would be set too low
    private static final double DESCENT = 220;
    private static final Pattern PUNCTUATED = Pattern.compile("(<object [^>]*/>)([.,;:)]+)");
    private static final Pattern TRANSFORM = Pattern.compile("(translate|scale)\\(([^)]*)\\)");

    private static final Color INK = new Color(0x111111); // as in report.css

    private record Drawing(Shape outlines, double x, double y, double width, double height) {}

    private final Formulas formulas;
    private final List<Drawing> drawings = new ArrayList<>();

    PrintedFormulas(Formulas formulas) {
        this.formulas = formulas;
    }

    /** Replaces the formulas of a page by boxes of their size, which are then filled by this drawer. */
    String boxed(String html) {
        return PUNCTUATED
                .matcher(Formulas.replaced(html, this::box)) // a formula and the comma after it stay on one line
                .replaceAll("<span class=\"together\">$1$2</span>");
    }

    DefaultObjectDrawerFactory factory() {
        DefaultObjectDrawerFactory factory = new DefaultObjectDrawerFactory();
        factory.registerDrawer(TYPE, this);
        return factory;
    }

    private String box(Formulas.Formula formula) {
        Element svg = parsed(formulas.svg(formula));
        double[] view = numbers(svg.getAttribute("viewBox"));
        Path2D shapes = new Path2D.Double(Path2D.WIND_NON_ZERO);
        add(svg, new AffineTransform(), shapes);
        double top = Math.min(view[1] - PADDING, -ASCENT);
        double bottom = Math.max(view[1] + view[3] + PADDING, DESCENT);
        Drawing drawing = new Drawing(shapes, view[0] - PADDING, top, view[2] + 2 * PADDING, bottom - top);
        drawings.add(drawing);
        String box = String.format(
                "<object type=\"%s\" data=\"%d\" alt=\"%s\" style=\"display: inline-block; width: %.4fem; "
                        + "height: %.4fem; margin: 0 %.4fem; vertical-align: %.4fem\"/>",
                TYPE,
                drawings.size() - 1,
                formula.label(),
                SCALE * drawing.width,
                SCALE * drawing.height,
                -SCALE * PADDING,
                -SCALE * (drawing.y + drawing.height));
        return formula.placed(box);
    }

    private static Element parsed(String svg) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(svg)))
                    .getDocumentElement();
        } catch (SAXException | ParserConfigurationException | IOException e) {
            throw new IllegalStateException(e); // MathJax writes XML
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
        Drawing drawing = drawings.get(Integer.parseInt(box.getAttribute("data")));
        device.drawWithGraphics(
                (float) x, (float) y, (float) width / dotsPerPixel, (float) height / dotsPerPixel, graphics -> {
                    double scale = width / dotsPerPixel / drawing.width;
                    graphics.scale(scale, scale);
                    graphics.translate(-drawing.x, -drawing.y);
                    graphics.setColor(INK);
                    graphics.fill(drawing.outlines);
                });
        return Map.of();
    }

    /** Adds the outlines of an element of those that MathJax makes formulas of. */
    private static void add(Element element, AffineTransform outer, Path2D outlines) {
        AffineTransform place = new AffineTransform(outer);
        TRANSFORM.matcher(element.getAttribute("transform")).results().forEach(step -> transform(step, place));
        switch (element.getTagName()) {
            case "svg", "g" -> {
                for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling())
                    add((Element) child, place, outlines);
            }
            case "path" -> outlines.append(place.createTransformedShape(path(element.getAttribute("d"))), false);
            case "rect" ->
                outlines.append(
                        place.createTransformedShape(new Rectangle2D.Double(
                                number(element, "x"),
                                number(element, "y"),
                                number(element, "width"),
                                number(element, "height"))),
                        false);
            default -> throw new IllegalStateException("a formula with " + element.getTagName());
        }
    }

    private static void transform(MatchResult step, AffineTransform place) {
        double[] by = numbers(step.group(2));
        if (step.group(1).equals("scale")) place.scale(by[0], by[by.length - 1]);
        else place.translate(by[0], by.length > 1 ? by[1] : 0);
    }

    private static Shape path(String d) {
        try {
            return AWTPathProducer.createShape(new StringReader(d), Path2D.WIND_NON_ZERO);
        } catch (IOException e) {
            throw new IllegalStateException(e); // nothing is read but the text
        }
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static double[] numbers(String text) {
        return Arrays.stream(text.split("[ ,]+"))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }
}
