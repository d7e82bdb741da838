package mnist.report;

import static mnist.report.ReportValues.number;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import mnist.figures.DescentPlot;
import mnist.figures.Figure;

/** Problem 1.1: gradient descent on C(w) = w²/2, whose second derivative is 1, with a small and with large rates. */
final class DescentValues {
    static final List<Double> RATES = List.of(0.3, 1.8, 2.1);
    private static final int STEPS = 6;
    private static final double START = -1;
    private static final double[] RANGE = {-2, 2};

    private DescentValues() {}

    /** Returns the weights of so many steps, from the first on. */
    static double[] steps(double rate) {
        double[] weights = new double[STEPS + 1];
        weights[0] = START;
        for (int t = 0; t < STEPS; t++) weights[t + 1] = weights[t] - rate * weights[t]; // C'(w) = w
        return weights;
    }

    /** Returns the template's values. */
    static Map<String, Object> values(BiFunction<Figure, String, Object> figures) {
        Figure sheet = Figure.sheet(
                RATES.size(),
                RATES.stream()
                        .map(rate ->
                                DescentPlot.third("η = " + number(rate), w -> w * w / 2, w -> w, RANGE, steps(rate)))
                        .toList());
        List<String> factors = RATES.stream()
                .map(rate -> number(Math.abs(Math.rint(10 * (1 - rate)) / 10)))
                .toList();
        double last = Arrays.stream(steps(RATES.get(2))).map(Math::abs).max().orElse(0);
        String caption = String.format(
                "Six steps on \\(C(w) = w^2/2\\), where \\(C'' = 1\\), from \\(w_0 = %s\\), with the tangent there (dashed) and the first step \\(\\Delta w = -\\eta\\,C'(w_0)\\) (arrow). Each step multiplies the distance to the minimum by \\(|1 - \\eta|\\): by %s from one side with \\(\\eta = %s\\), by %s from alternating sides with \\(\\eta = %s\\), and by %s with \\(\\eta = %s\\), which leads away to \\(|w| = %.2f\\).",
                number(START),
                factors.get(0),
                number(RATES.get(0)),
                factors.get(1),
                number(RATES.get(1)),
                factors.get(2),
                number(RATES.get(2)),
                last);
        return Map.of("figure", figures.apply(sheet, caption));
    }
}
