package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class NumberingTest {
    @Test
    void figuresAndTablesAreCountedApartAndReferredToByTheirNumber() {
        assertEquals(
                "<span class=\"together\">(<a href=\"#b\">Figure\u00a02</a></span>, <a href=\"#t\">Table\u00a01</a>"
                        + "<figure id=\"a\"><figcaption><b>Figure 1.</b> A</figcaption></figure>"
                        + "<table class=\"numbers\" id=\"t\"><caption><b>Table 1.</b> T</caption></table>"
                        + "<figure class=\"x\" id=\"b\"><img/><figcaption><b>Figure 2.</b> B</figcaption></figure>",
                Template.numbered("(\\ref{b}, \\ref{t}" + "<figure id=\"a\"><figcaption>A</figcaption></figure>"
                        + "<table class=\"numbers\" id=\"t\"><caption>T</caption></table>"
                        + "<figure class=\"x\" id=\"b\"><img/><figcaption>B</figcaption></figure>"));
    }

    @Test
    void aReferenceToNothingIsRefused() {
        assertEquals(
                "no figure or table a",
                assertThrows(IllegalArgumentException.class, () -> Template.numbered("\\ref{a}"))
                        .getMessage());
    }
}
