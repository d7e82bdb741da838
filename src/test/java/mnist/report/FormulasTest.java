package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FormulasTest {
    private final Formulas formulas = new Formulas();

    @Test
    void formulasInATextBecomeMathMlAndTheRestStays() {
        String text = formulas.typeset("a (b) \\(x &lt; y\\) [c] \\[z\\] d");
        assertTrue(text.startsWith("a (b) <math") && text.endsWith("</math> d"), text);
        assertTrue(
                text.contains("<mo>&lt;</mo>")
                        && text.contains("</math> [c] <math")
                        && text.contains("display=\"block\""),
                text);
    }

    @Test
    void parenthesesCommasMinusAndPrimeAreSignsOfTheirOwn() {
        String mathMl = formulas.mathMl("\\(C'(a - 1, b)\\)");
        assertFalse(mathMl.contains("mfenced"), mathMl);
        assertTrue(
                mathMl.contains("<mo>(</mo>")
                        && mathMl.contains("<mo>)</mo>")
                        && mathMl.contains("<mo>,</mo>")
                        && mathMl.contains("<mo>−</mo>"),
                mathMl);
        assertTrue(mathMl.contains("<mi>C</mi><mi>′</mi>"), mathMl);
    }

    @Test
    void factorsInARowAreSetApartAndFractionsKeepTwoParts() {
        assertTrue(formulas.mathMl("\\(w_k a_k\\)").contains("</msub><mspace width=\"0.15em\"/><msub>"));
        assertTrue(formulas.mathMl("\\(\\ln a\\)").contains("<mi>ln</mi><mspace width=\"0.15em\"/>"));
        String fraction = formulas.mathMl("\\(\\frac{a^2}{b^2}\\)");
        assertEquals(fraction.replace("<mspace", ""), fraction);
    }

    @Test
    void whatIsNoLatexIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> formulas.mathMl("\\(\\nosuchcommand\\)"));
    }
}
