package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.UsesLibTorch;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.prob3.SigmoidNetwork;
import org.junit.jupiter.api.Test;

/** The numbers that the written answers to problems 1 and 3 and to the bonus compute. */
class TheoryValuesTest implements UsesLibTorch {
    private static Object caption(Figure figure, String caption) {
        Fonts.check();
        assertTrue(figure.png().length > 1000);
        return caption;
    }

    @Test
    void gradientDescentApproachesAlternatesAndDiverges() {
        assertEquals(List.of(0.3, 1.8, 2.1), DescentValues.RATES);
        double[] small = DescentValues.steps(0.3);
        assertEquals(-0.7, small[1], 1e-15); // -1 + 0.3
        assertEquals(-0.49, small[2], 1e-15);
        assertEquals(0.8, DescentValues.steps(1.8)[1], 1e-15); // -1 + 1.8
        assertEquals(1.1, DescentValues.steps(2.1)[1], 1e-15);
        String caption =
                DescentValues.values(TheoryValuesTest::caption).get("figure").toString();
        assertTrue(
                caption.contains("by 0.7 from one side with \\(\\eta = 0.3\\)")
                        && caption.contains("by 0.8 from alternating sides with \\(\\eta = 1.8\\)")
                        && caption.contains("by 1.1 with \\(\\eta = 2.1\\)")
                        && caption.contains("= 1.77"),
                caption); // 1.1⁶ = 1.7716
    }

    @Test
    void everyErrorAndDerivativeIsWrittenOut() {
        Map<String, Object> values = BackpropagationValues.values(
                SigmoidNetwork.read(Path.of("docs/prob3.properties")), TheoryValuesTest::caption);
        String errors = values.get("errors").toString();
        assertEquals(4, errors.split("\\\\delta_").length - 1, errors);
        for (String formula : List.of( // by hand
                "\\delta_{1}^{3} = a_{1}^{3} - y_{1} = 0.751365 - 0.01 = 0.741365",
                "\\delta_{2}^{3} = a_{2}^{3} - y_{2} = 0.772928 - 0.99 = -0.217072",
                "\\delta_{1}^{2} = (0.4 \\cdot 0.741365 + 0.5 \\cdot (-0.217072)) \\cdot 0.593270\\,(1 - 0.593270) = 0.045367",
                "\\delta_{2}^{2} = (0.45 \\cdot 0.741365 + 0.55 \\cdot (-0.217072)) \\cdot 0.596884\\,(1 - 0.596884) = 0.051545"))
            assertTrue(errors.contains(formula), errors);
        for (String formula : List.of( // by hand
                "z_1^{2} = 0.15 \\cdot 0.05 + 0.2 \\cdot 0.1 + 0.35 = 0.377500 , \\qquad a_1^{2} = \\sigma(z_1^{2}) = 0.593270",
                "z_1^{3} = 0.4 \\cdot 0.593270 + 0.45 \\cdot 0.596884 + 0.6 = 1.105906"))
            assertTrue(values.get("forward").toString().contains(formula), values.get("forward")::toString);
        assertTrue(
                values.get("cost")
                        .toString()
                        .contains(
                                "-[ 0.01 \\ln 0.751365 + 0.99 \\ln (1 - 0.751365) ] \\\\ &\\quad - [ 0.99 \\ln 0.772928 + 0.01 \\ln (1 - 0.772928) ] = 1.650529"),
                values.get("cost")::toString);
        assertTrue(
                values.get("step")
                        .toString()
                        .endsWith(
                                "becomes \\(0.4 - 0.5 \\cdot 0.439830 = 0.180085\\), and when all weights and biases have been changed, the cost is 1.184756."), // by Python
                values.get("step")::toString);
        String gradients = values.get("gradients").toString();
        assertTrue(
                gradients.contains(
                        "w^{3}} = \\delta^{3} (a^{2})^T = \\begin{pmatrix} 0.741365 \\\\ -0.217072 \\end{pmatrix} \\begin{pmatrix} 0.593270 & 0.596884 \\end{pmatrix} = \\begin{pmatrix} 0.439830 & 0.442509 \\\\ -0.128782 & -0.129567 \\end{pmatrix}"),
                gradients);
        assertTrue(
                gradients.contains(
                        "\\begin{pmatrix} 0.045367 \\\\ 0.051545 \\end{pmatrix} \\begin{pmatrix} 0.050000 & 0.100000 \\end{pmatrix}"),
                gradients);
    }

    @Test
    void sharesOfTheSoftmaxAreThose() {
        assertEquals("0.09003, 0.24473 and 0.66524", ReportValues.shares(1));
        assertEquals("0.00000, 0.00005 and 0.99995", ReportValues.shares(10));
    }
}
