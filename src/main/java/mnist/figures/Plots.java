package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Polygon;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.data.Range;

/** Draws losses, other functions of a number, points of the plane, and steps of gradient descent. */
public final class Plots {
    private static final int RESOLUTION = 200; // points of a function
    private static final double REACH = 0.5; // of a tangent to either side
    private static final double ARROW = -0.15; // height of the first step, below the curve
    private static final double NAMED = -0.37; // height of its name
    private static final double LOWEST = -0.55;
    private static final Color TANGENT = new Color(0x2166ac);
    private static final BasicStroke DASHED =
            new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {6, 4}, 0);
    private static final BasicStroke TEST =
            new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 6}, 0);

    /**
     * The losses of one model, drawn as their mean and, for several seeds, a band from the smallest to the largest.
     *
     * @param train one value an epoch, a row a seed
     * @param test one value an epoch, a row a seed
     */
    public record Losses(String name, List<double[]> train, List<double[]> test) {}

    /**
     * One quantity, drawn as its mean over several runs and a band from the smallest to the largest.
     *
     * @param runs its values for each x, a row per run
     */
    public record Line(String name, List<double[]> runs) {}

    private Plots() {}

    /**
     * Draws losses by epoch on a logarithmic axis, training solid and test dashed. Several models get two plots,
     * training and test, because a model's two curves lie close together.
     *
     * @param unit label of the losses' axis
     */
    public static Figure losses(String title, String unit, List<Losses> curves) {
        if (curves.size() == 1) return losses(title + " (log scale)", unit, curves, true, true, 1000);
        return Figure.sheet(
                2,
                List.of(
                        losses("Training loss (log scale)", unit, curves, true, false, 500),
                        losses("Test loss (log scale)", unit, curves, false, true, 500)));
    }

    private static Figure losses(
            String title, String unit, List<Losses> curves, boolean training, boolean test, int width) {
        Chart chart = new Chart(epochs(), Chart.logarithmic(unit));
        for (int i = 0; i < curves.size(); i++) {
            Losses curve = curves.get(i);
            double[] epochs = steps(curve.train.get(0));
            String name = curve.name;
            if (training) chart.curve(name + (test ? ", training" : ""), epochs, curve.train, i, Chart.SOLID, true);
            if (test) chart.curve(name + (training ? ", test" : ""), epochs, curve.test, i, TEST, false);
        }
        chart.plot.getRangeAxis().setRange(range(curves));
        return chart.figure(title, true, width, 380);
    }

    /** Returns the range of all losses, for plots side by side on one scale. */
    private static Range range(List<Losses> curves) {
        DoubleSummaryStatistics losses = curves.stream()
                .flatMap(curve -> Stream.concat(curve.train.stream(), curve.test.stream()))
                .flatMapToDouble(DoubleStream::of)
                .filter(loss -> loss > 0)
                .summaryStatistics();
        return losses.getCount() == 0 ? new Range(0.1, 1) : new Range(losses.getMin() / 1.2, losses.getMax() * 1.2);
    }

    static NumberAxis epochs() {
        NumberAxis epochs = new NumberAxis("epoch");
        epochs.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        epochs.setAutoRangeIncludesZero(false);
        return epochs;
    }

    /** Draws quantities over a logarithmic axis. */
    public static Figure lines(String title, String xLabel, String yLabel, double[] x, List<Line> lines) {
        double margin = (x[x.length - 1] - x[0]) / 40; // for the marks at the ends
        ValueAxis axis = Figure.axis(xLabel, x[0] - margin, x[x.length - 1] + margin);
        return lines(axis, yLabel, x, lines).figure(title, true, 1000, 560);
    }

    /** Draws one line on a logarithmic axis, with evenly spaced points labelled by mean and standard deviation. */
    public static Figure labelled(String title, String xLabel, String yLabel, List<String> x, Line line) {
        double[] places = IntStream.range(0, x.size()).asDoubleStream().toArray();
        ValueAxis axis = ImageGrid.axis(xLabel, x);
        axis.setRange(-0.2, x.size() - 0.1); // for the label of the last
        Chart chart = lines(axis, yLabel, places, List.of(line)).labelled(line.runs);
        chart.plot.getRangeAxis().setUpperMargin(0.15); // for the highest label
        return chart.figure(title, false, 1000, 360);
    }

    private static Chart lines(ValueAxis axis, String yLabel, double[] x, List<Line> lines) {
        Chart chart = new Chart(axis, Chart.logarithmic(yLabel));
        for (int i = 0; i < lines.size(); i++)
            chart.curve(lines.get(i).name, x, lines.get(i).runs, i, Chart.SOLID, true);
        return chart;
    }

    /**
     * Draws the losses of the first steps of Java and Python, half a page wide: Java's line wide and pale, Python's
     * thin and dark above it.
     */
    public static Figure stepLosses(String title, double[] java, double[] python) {
        NumberAxis loss = new NumberAxis("loss");
        loss.setAutoRangeIncludesZero(false);
        return new Chart(new NumberAxis("step"), loss)
                .line("Python", steps(python), python, Palette.colour(0), Chart.SOLID)
                .line("Java", steps(java), java, Palette.colour(3), new BasicStroke(8))
                .figure(title, true, 500, 400);
    }

    /** Returns the step numbers 1, 2 and so on. */
    private static double[] steps(double[] losses) {
        return IntStream.rangeClosed(1, losses.length).asDoubleStream().toArray();
    }

    /**
     * Draws points of one kind, half a page wide.
     *
     * @param xy two rows of numbers
     * @param x range of the first axis: its two ends
     * @param y range of the second axis: its two ends
     */
    public static Figure points(String title, double[][] xy, double[] x, double[] y) {
        return new Chart(Figure.axis("x₁", x[0], x[1]), Figure.axis("x₂", y[0], y[1]))
                .points("points", xy[0], xy[1], Palette.transparent(0), Palette.mark(0, 8))
                .figure(title, false, 500, 340);
    }

    /**
     * Draws steps of gradient descent on a curve, a third of a page wide.
     *
     * @param cost the curve
     * @param slope its derivative, for the tangent where the first step begins
     * @param range ends of the horizontal axis
     * @param weights before the first step and after each step
     */
    public static Figure descent(
            String title, DoubleUnaryOperator cost, DoubleUnaryOperator slope, double[] range, double[] weights) {
        double[] w = IntStream.range(0, RESOLUTION)
                .mapToDouble(i -> range[0] + (range[1] - range[0]) * i / (RESOLUTION - 1))
                .toArray();
        double start = weights[0];
        double end = weights[1];
        double c = cost.applyAsDouble(start);
        double rise = REACH * slope.applyAsDouble(start);
        int back = end > start ? -12 : 12; // of the arrow's head
        Polygon head = new Polygon(new int[] {0, back, back}, new int[] {0, -5, 5}, 3);
        double highest = 1.05 * Math.max(cost.applyAsDouble(range[0]), cost.applyAsDouble(range[1]));
        double[] tangent = {start - REACH, start + REACH};
        Chart chart = new Chart(Figure.axis("w", range[0], range[1]), Figure.axis("C(w)", LOWEST, highest))
                .line("steps", weights, on(cost, weights), Palette.colour(1), Chart.SOLID)
                .marked(Palette.mark(0, 9), true)
                .line("tangent", tangent, new double[] {c - rise, c + rise}, TANGENT, DASHED)
                .line("first step", new double[] {start, end}, new double[] {ARROW, ARROW}, TANGENT, Chart.SOLID)
                .points("its head", new double[] {end}, new double[] {ARROW}, TANGENT, head)
                .line("curve", w, on(cost, w), Color.BLACK, Chart.SOLID);
        XYTextAnnotation step = new XYTextAnnotation("Δw", (start + end) / 2, NAMED);
        step.setFont(Fonts.TEXT);
        step.setPaint(TANGENT);
        chart.plot.addAnnotation(step);
        return chart.figure(title, false, 333, 290);
    }

    private static double[] on(DoubleUnaryOperator cost, double[] w) {
        return DoubleStream.of(w).map(cost).toArray();
    }
}
