package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloatsTest {
    @TempDir
    Path folder;

    /** Prints blocks on pages of 200 mm, and returns the words on each page. */
    private List<String> pages(String blocks) throws IOException {
        Path pdf = folder.resolve("page.pdf");
        try (Formulas formulas = new Formulas()) {
            Pdf.write(
                    "<html lang=\"en\"><head><title>t</title><style>@page { size: 200mm 240mm; margin: 20mm }"
                            + "body { font-family: 'DejaVu Serif' } figure { page-break-inside: avoid; margin: 0 } * { margin: 0 }"
                            + "</style></head><body>" + blocks + "</body></html>",
                    formulas,
                    pdf);
        }
        List<String> pages = new ArrayList<>();
        try (PDDocument document = Loader.loadPDF(pdf.toFile())) {
            for (int page = 1; page <= document.getNumberOfPages(); page++) {
                PDFTextStripper stripper = new PDFTextStripper();
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                pages.add(String.join(" ", stripper.getText(document).split("\\s+")));
            }
        }
        return pages;
    }

    private static String block(String tag, String text, int millimetres) {
        return String.format("<%s style=\"height: %dmm\">%s</%s>", tag, millimetres, text, tag);
    }

    @Test
    void textGoesBeforeAFigureThatDoesNotFit() throws IOException {
        assertEquals(
                List.of("one two", "figure table three"),
                pages(block("p", "one", 100)
                        + block("figure", "figure", 120)
                        + "<table><tr><td>table</td></tr></table>"
                        + block("p", "two", 80)
                        + block("p", "three", 50)));
    }

    @Test
    void aHeadingGoesWithItsText() throws IOException {
        assertEquals(
                List.of("one heading two", "figure"),
                pages(block("p", "one", 100)
                        + block("figure", "figure", 120)
                        + block("h3", "heading", 10)
                        + block("p", "two", 60)));
    }

    @Test
    void aFigureStaysInItsProblemAndWhereLittleIsWhite() throws IOException {
        assertEquals(
                List.of("one", "figure problem two"),
                pages(block("p", "one", 100)
                        + block("figure", "figure", 120)
                        + block("h2", "problem", 10)
                        + block("p", "two", 50)));
        assertEquals(
                List.of("one", "figure two"),
                pages(block("p", "one", 180) + block("figure", "figure", 120) + block("p", "two", 10)));
    }
}
