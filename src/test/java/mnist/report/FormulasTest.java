package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mnist.report.Formulas.Formula;
import org.junit.jupiter.api.Test;

class FormulasTest {
    private final Formulas formulas = new Formulas();

    /** Returns the heights above the baseline at which a formula's exponents stand. */
    private List<String> exponents(String latex) {
        return Pattern.compile("translate\\([\\d.]+,(\\d+)\\) scale")
                .matcher(formulas.svg(new Formula(latex, false)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private String letters(String latex) {
        return Pattern.compile("data-c=\"([0-9A-F]+)\"")
                .matcher(formulas.svg(new Formula(latex, false)))
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
        assertTrue(page.matches("Let <span class=\"together\"><object .*?/>,</span> and <object .*/> so\\."), page);
        assertTrue(page.contains("alt=\"a &lt; b\""), page);
        // x reaches 11 units below the baseline, its box 100 further: 1.14 × 0.111
        assertTrue(page.contains("vertical-align: -0.1265em"), page);
    }

    @Test
    void whatIsNoLatexIsRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> letters("\\nosuchcommand"))
                .getMessage();
        assertTrue(message.contains("nosuchcommand"), message);
    }
}
