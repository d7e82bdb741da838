package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Polygon;
import java.awt.Shape;
import java.util.function.DoubleUnaryOperator;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.DefaultXYDataset;

/** Draws steps of gradient descent on a curve. */
public final class DescentPlot {
    private static final int RESOLUTION = 200; // points of the curve
    private static final double REACH = 0.5; // of the tangent to either side
    private static final double ARROW = -0.15; // height of the first step, below the curve
    private static final double NAMED = -0.37; // height of its name
    private static final double LOWEST = -0.55;
    private static final Color TANGENT = new Color(0x2166ac);
    private static final float[] DASHES = {6, 4};

    private DescentPlot() {}

    /**
     * Draws a plot a third of a page wide.
     *
     * @param cost the curve
     * @param slope its derivative, for the tangent where the first step begins
     * @param range ends of the horizontal axis
     * @param weights where each step begins, and the last one ends
     */
    public static Figure third(
            String title, DoubleUnaryOperator cost, DoubleUnaryOperator slope, double[] range, double[] weights) {
        double[] w = new double[RESOLUTION];
        for (int i = 0; i < w.length; i++) w[i] = range[0] + (range[1] - range[0]) * i / (w.length - 1);
        DefaultXYDataset dataset = new DefaultXYDataset();
        dataset.addSeries("steps", on(cost, weights)); // the first series is drawn last
        dataset.addSeries("tangent", tangent(cost, slope, weights[0]));
        dataset.addSeries("first step", new double[][] {{weights[0], weights[1]}, {ARROW, ARROW}});
        dataset.addSeries("its head", new double[][] {{weights[1]}, {ARROW}});
        dataset.addSeries("curve", on(cost, w));
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setSeriesPaint(0, Palette.colour(1));
        renderer.setSeriesStroke(0, new BasicStroke(2));
        renderer.setSeriesShape(0, Palette.mark(0, 9));
        renderer.setSeriesShapesVisible(0, true);
        renderer.setSeriesPaint(1, TANGENT);
        renderer.setSeriesStroke(1, new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, DASHES, 0));
        renderer.setSeriesPaint(2, TANGENT);
        renderer.setSeriesStroke(2, new BasicStroke(2));
        renderer.setSeriesPaint(3, TANGENT);
        renderer.setSeriesShape(3, head(weights[1] > weights[0]));
        renderer.setSeriesShapesVisible(3, true);
        renderer.setSeriesPaint(4, Color.BLACK);
        renderer.setSeriesStroke(4, new BasicStroke(2));
        NumberAxis weight = Figure.axis("w", range[0], range[1]);
        double highest = 1.05 * Math.max(cost.applyAsDouble(range[0]), cost.applyAsDouble(range[1]));
        NumberAxis costs = Figure.axis("C(w)", LOWEST, highest);
        XYPlot plot = new XYPlot(dataset, weight, costs, renderer);
        XYTextAnnotation step = new XYTextAnnotation("Δw", (weights[0] + weights[1]) / 2, NAMED);
        step.setFont(Fonts.TEXT);
        step.setPaint(TANGENT);
        plot.addAnnotation(step);
        return Figure.of(title, plot, false, 333, 290);
    }

    private static Shape head(boolean right) {
        int back = right ? -12 : 12;
        return new Polygon(new int[] {0, back, back}, new int[] {0, -5, 5}, 3);
    }

    private static double[][] tangent(DoubleUnaryOperator cost, DoubleUnaryOperator slope, double at) {
        double c = cost.applyAsDouble(at);
        double m = slope.applyAsDouble(at);
        return new double[][] {{at - REACH, at + REACH}, {c - REACH * m, c + REACH * m}};
    }

    private static double[][] on(DoubleUnaryOperator cost, double[] w) {
        double[] costs = new double[w.length];
        for (int i = 0; i < w.length; i++) costs[i] = cost.applyAsDouble(w[i]);
        return new double[][] {w, costs};
    }
}
