package mnist.report;

import java.util.List;
import mnist.figures.Figure;
import mnist.figures.Plots;

/** Problem 1.1: gradient descent on C(w) = w²/2, whose second derivative is 1, with a small and with large rates. */
public record Descent() {
    private static final double[] RANGE = {-2, 2};

    public List<Double> rates() {
        return List.of(0.3, 1.8, 2.1);
    }

    public double start() {
        return -1;
    }

    /** Returns the weights of six steps, from the first on. */
    public double[] steps(double rate) {
        double[] weights = new double[7];
        weights[0] = start();
        for (int t = 0; t + 1 < weights.length; t++) weights[t + 1] = weights[t] - rate * weights[t]; // C'(w) = w
        return weights;
    }

    /** Draws the steps with each rate. */
    Figure figure() {
        return Figure.sheet(
                rates().size(),
                rates().stream()
                        .map(rate -> Plots.descent("η = " + rate, w -> w * w / 2, w -> w, RANGE, steps(rate)))
                        .toList());
    }
}
