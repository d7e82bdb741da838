package mnist.report;

import java.util.List;
import java.util.stream.DoubleStream;
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

    /** Returns the weight before the first and after each of six steps. */
    public double[] steps(double rate) {
        return DoubleStream.iterate(start(), w -> w - rate * w).limit(7).toArray(); // C'(w) = w
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
