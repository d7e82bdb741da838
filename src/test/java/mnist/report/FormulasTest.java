package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.batik.parser.AWTPathProducer;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormulasTest {
    private final Formulas formulas = new Formulas();

    @AfterEach
    void close() {
        formulas.close();
    }

    /** Returns the heights above the baseline at which a formula's exponents stand. */
    private List<String> exponents(String latex) {
        return Pattern.compile("translate\\([\\d.]+,(\\d+)\\) scale")
                .matcher(formulas.drawn("svg", latex, false))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private String letters(String latex) {
        return Pattern.compile("data-c=\"([0-9A-F]+)\"")
                .matcher(formulas.drawn("svg", latex, false))
                .results()
                .map(match -> Character.toString(Integer.parseInt(match.group(1), 16)))
                .collect(Collectors.joining())
                .replace("\u2061", ""); // the invisible sign between a function and its argument
    }

    @Test
    void formulasInATextBecomeDrawingsWithTheirLatexAndTheRestStays() {
        String text = formulas.forScreen("a (b) \\(x &lt; y\\) [c] \\[z\\] d");
        assertTrue(
                text.matches(
                        "a \\(b\\) <svg aria-label=\"x &lt; y\" .*</svg> \\[c\\] <span class=\"display formula\"><svg .*</svg></span> d"),
                text);
    }

    @Test
    void lettersAreItalicFunctionsUprightAndTheMinusIsTrue() {
        assertEquals("\uD835\uDC4E\u2212ln\uD835\uDC4F", letters("a - \\ln b")); // mathematical italic a and b
    }

    @Test
    void exponentsStandAtOneHeight() {
        assertEquals(List.of("363", "363", "363"), exponents("a^l + \\delta^l + w^l"));
    }

    @Test
    void anIndexAndAnExponentStandApart() {
        Matcher scripts = Pattern.compile("translate\\([\\d.]+,(-?[\\d.]+)\\) scale\\(0.707\\)")
                .matcher(formulas.drawn("svg", "a_j^L", false));
        assertTrue(scripts.find());
        double exponent = Double.parseDouble(scripts.group(1));
        assertTrue(scripts.find());
        double top = Double.parseDouble(scripts.group(1)) + 0.707 * 661; // a j is 661 units high
        assertTrue(exponent > top + 100, exponent + " above " + top);
    }

    @Test
    void aPrintedFormulaIsAsHighAsTheLineAndKeepsItsComma() {
        String page = formulas.forPrint("Let \\(x\\), and \\(a &lt; b\\) so.");
        assertTrue(page.matches("Let <span class=\"together\"><object .*?/>,</span> and <object .*/> so\\."), page);
        assertTrue(page.contains("alt=\"a &lt; b\""), page);
        assertTrue(
                page.contains("height: 1.2198em") && page.contains("vertical-align: -0.2508em"),
                page); // 1.14 × 1.07, 0.22
    }

    @Test
    void printedOutlinesAreWhereMathJaxPlacesThem() throws IOException {
        Matcher box = Pattern.compile("data=\"([^\"]+)\" units=\"([^\"]+)\"")
                .matcher(formulas.forPrint("\\(\\frac{m^2}{\\sqrt{2}}\\)"));
        assertTrue(box.find());
        Rectangle2D ink = AWTPathProducer.createShape(new StringReader(box.group(1)), Path2D.WIND_NON_ZERO)
                .getBounds2D();
        // The box begins 100 units before and above 0 -983.7, where the drawing's does. The bar from 120 on is 1156.7
        // wide; the 2 ends at 394 + 0.707 (363 + 0.707 · 666) = 983.5, the root at -519.2 + 0.707 (82.9 - 200) = -602.
        assertEquals(220, ink.getMinX(), 0.1);
        assertEquals(1376.7, ink.getMaxX(), 0.1);
        assertEquals(1083.7 - 983.5, ink.getMinY(), 0.1);
        assertEquals(1083.7 + 602, ink.getMaxY(), 0.1);
        assertEquals("1596.7", box.group(2));
    }

    @Test
    void aSingleLetterIsPrintedOnTheBaselineOfTheText(@TempDir Path folder) throws IOException {
        Path pdf = folder.resolve("page.pdf");
        Pdf.write(
                "<html lang=\"en\"><head><title>t</title><meta name=\"subject\" content=\"s\"/></head>"
                        + "<body><p style=\"font-family: DejaVu Serif; font-size: 10pt; line-height: 1.45\">H\\(m\\)</p></body></html>",
                formulas,
                pdf);
        try (PDDocument document = Loader.loadPDF(pdf.toFile())) {
            BufferedImage page = new PDFRenderer(document).renderImage(0, 10); // an em is 100 pixels
            int middle = 0; // where the H ends
            while (lowestInk(page, middle, middle + 1) == 0) middle++;
            while (lowestInk(page, middle, middle + 1) > 0) middle++;
            assertEquals(lowestInk(page, 0, middle), lowestInk(page, middle, page.getWidth()), 4);
        }
    }

    private static int lowestInk(BufferedImage page, int from, int to) {
        for (int y = page.getHeight() - 1; y > 0; y--)
            for (int x = from; x < to; x++) if ((page.getRGB(x, y) & 0xff) < 128) return y;
        return 0;
    }

    @Test
    void whatIsNoLatexIsRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> letters("\\nosuchcommand"))
                .getMessage();
        assertTrue(message.contains("nosuchcommand"), message);
    }
}
