package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.figures.Fonts;
import mnist.prob3.SigmoidNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers that the written answers to problems 1 and 3 and to the bonus compute. */
class TheoryTextTest {
    private static Records records;
    private static Page page;

    @BeforeAll
    static void write(@TempDir Path folder) throws IOException {
        records = new Records(folder);
        page = records.page();
    }

    @Test
    void gradientDescentApproachesAlternatesAndDiverges() {
        Descent descent = new Descent();
        assertEquals(-0.7, descent.steps(0.3)[1], 1e-15); // -1 + 0.3
        assertEquals(-0.49, descent.steps(0.3)[2], 1e-15);
        assertEquals(0.8, descent.steps(1.8)[1], 1e-15); // -1 + 1.8
        assertEquals(1.1, descent.steps(2.1)[1], 1e-15);
        page.says(
                "by 0.7 from one side with \\(\\eta = 0.3\\)",
                "by 0.8 from alternating sides with \\(\\eta = 1.8\\)",
                "by 1.1 with \\(\\eta = 2.1\\)",
                "= 1.77"); // 1.1⁶ = 1.7716
    }

    @Test
    void everyErrorAndDerivativeIsWrittenOut() {
        page.says( // by hand
                "\\delta_{1}^{3} = a_{1}^{3} - y_{1} = 0.751365 - 0.01 = 0.741365",
                "\\delta_{2}^{3} = a_{2}^{3} - y_{2} = 0.772928 - 0.99 = -0.217072",
                "\\delta_{1}^{2} = (0.4 \\cdot 0.741365 + 0.5 \\cdot (-0.217072)) \\cdot 0.593270\\,(1 - 0.593270) = 0.045367",
                "\\delta_{2}^{2} = (0.45 \\cdot 0.741365 + 0.55 \\cdot (-0.217072)) \\cdot 0.596884\\,(1 - 0.596884) = 0.051545",
                "z_1^{2} = 0.15 \\cdot 0.05 + 0.2 \\cdot 0.1 + 0.35 = 0.377500 , \\qquad a_1^{2} = \\sigma(z_1^{2}) = 0.593270",
                "z_1^{3} = 0.4 \\cdot 0.593270 + 0.45 \\cdot 0.596884 + 0.6 = 1.105906",
                "- [ 0.01 \\ln 0.751365 + 0.99 \\ln (1 - 0.751365) ] \\\\ &\\quad - [ 0.99 \\ln 0.772928 + 0.01 \\ln (1 - 0.772928) ] = 1.650529");
        assertEquals(4, page.html().split("\\[\\\\delta_\\{", -1).length - 1);
        page.says( // by Python
                "becomes \\(0.4 - 0.5 \\cdot 0.439830 = 0.180085\\), and when all weights and biases have been changed, the cost is 1.184756.",
                "difference is \\(2 \\cdot 10^{-16}\\)");
        page.says(
                "w^{3}} = \\delta^{3} (a^{2})^T = \\begin{pmatrix} 0.741365 \\\\ -0.217072 \\end{pmatrix} \\begin{pmatrix} 0.593270 & 0.596884 \\end{pmatrix} = \\begin{pmatrix} 0.439830 & 0.442509 \\\\ -0.128782 & -0.129567 \\end{pmatrix}",
                "\\begin{pmatrix} 0.045367 \\\\ 0.051545 \\end{pmatrix} \\begin{pmatrix} 0.050000 & 0.100000 \\end{pmatrix}");
        page.says("h1 | 0.15, 0.2 | 0.35 | 0.377500 | 0.593270 | 0.045367 | ", "o2 | 0.5, 0.55 | 0.6 | ");
    }

    @Test
    void negativeWeightsAreWrittenWithTheirSigns() {
        SigmoidNetwork network = new SigmoidNetwork(
                "an example",
                new double[] {-0.05, 0.1},
                new double[] {1},
                List.<double[][]>of(new double[][] {{0.15, -0.2}}),
                List.<double[]>of(new double[] {-0.35}));
        Map<String, Object> values = records.values();
        values.put("prob3", new Backpropagation(network, network.backpropagate(), 0));
        Page negative = Page.of(Template.filled(values, false));
        negative.says(
                "z_1^{2} = 0.15 \\cdot (-0.05) - 0.2 \\cdot 0.1 - 0.35 = -0.377500",
                "o1 | 0.15, −0.2 | −0.35 | −0.377500 |");
    }

    @Test
    void theFiguresOfProblems1And3AreDrawn() {
        Fonts.check();
        SigmoidNetwork network = SigmoidNetwork.read(Path.of("docs/prob3.properties"));
        assertTrue(new Descent().figure().png().length > 1000);
        assertTrue(new Backpropagation(network, network.backpropagate(), 0)
                        .figure()
                        .png()
                        .length
                > 1000);
    }

    @Test
    void sharesOfTheSoftmaxAreThose() {
        page.says(
                "the shares are 0.09003, 0.24473 and 0.66524 with \\(\\beta = 1\\) and 0.00000, 0.00005 and 0.99995 with");
    }
}
