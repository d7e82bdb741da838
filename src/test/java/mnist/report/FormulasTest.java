package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mnist.report.Formulas.Formula;
import org.junit.jupiter.api.Test;

class FormulasTest {
    private final Formulas formulas = new Formulas();

    private String mathMl(String latex) {
        return formulas.mathMl(new Formula(latex, false));
    }

    /** Returns the heights above the baseline at which a formula's exponents stand. */
    private List<String> exponents(String latex) {
        return Pattern.compile("translate\\([\\d.]+,(\\d+)\\) scale")
                .matcher(formulas.svg(new Formula(latex, false)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void formulasInATextBecomeMathMlAndTheRestStays() {
        String text = formulas.forScreen("a (b) \\(x &lt; y\\) [c] \\[z\\] d");
        assertTrue(text.startsWith("a (b) <math") && text.endsWith("</math> d"), text);
        assertTrue(
                text.contains("<mo>&lt;</mo>")
                        && text.contains("</math> [c] <math")
                        && text.contains("display=\"block\""),
                text);
    }

    @Test
    void aBrowserIsGivenSpaceAfterLnButNotBeforeItsParenthesis() {
        assertTrue(mathMl("\\ln a").contains("<mi>ln</mi><mspace width=\"0.167em\"/><mi>a</mi>"), mathMl("\\ln a"));
        assertTrue(mathMl("\\ln (a)").contains("<mi>ln</mi><mo>"), mathMl("\\ln (a)"));
    }

    @Test
    void theMinusIsTrueAndNothingIsLeftOfMathJaxsOwn() {
        String mathMl = mathMl("a - b");
        assertTrue(mathMl.contains("<mo>&#x2212;</mo>"), mathMl);
        assertFalse(mathMl.contains("mjx"), mathMl);
    }

    @Test
    void exponentsStandAtOneHeight() {
        assertEquals(List.of("363", "363", "363"), exponents("a^l + \\delta^l + w^l"));
    }

    @Test
    void anIndexAndAnExponentStandApart() {
        Matcher scripts = Pattern.compile("translate\\([\\d.]+,(-?[\\d.]+)\\) scale\\(0.707\\)")
                .matcher(formulas.svg(new Formula("a_j^L", false)));
        assertTrue(scripts.find());
        double exponent = Double.parseDouble(scripts.group(1));
        assertTrue(scripts.find());
        double top = Double.parseDouble(scripts.group(1)) + 0.707 * 661; // a j is 661 units high
        assertTrue(exponent > top + 100, exponent + " above " + top);
    }

    @Test
    void aPrintedFormulaStandsOnTheBaselineAndKeepsItsComma() {
        String page = new PrintedFormulas(formulas).boxed("Let \\(x\\), and \\(a &lt; b\\) so.");
        assertTrue(
                page.matches("Let <span class=\"inline formula\"><object .*?/>,</span> and <object .*/> so\\."), page);
        assertTrue(page.contains("alt=\"a &lt; b\""), page);
        // x reaches 11 units below the baseline, its box 100 further: 1.14 × 0.111
        assertTrue(page.contains("vertical-align: -0.1265em"), page);
    }

    @Test
    void whatIsNoLatexIsRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> mathMl("\\nosuchcommand"))
                .getMessage();
        assertTrue(message.contains("nosuchcommand"), message);
    }
}
