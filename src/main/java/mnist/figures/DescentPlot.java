package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.function.DoubleUnaryOperator;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.DefaultXYDataset;

/** Draws steps of gradient descent on a curve. */
public final class DescentPlot {
    private static final int RESOLUTION = 200; // points of the curve

    private DescentPlot() {}

    /**
     * Draws a plot a third of a page wide.
     *
     * @param cost the curve
     * @param range ends of the horizontal axis
     * @param weights where each step begins, and the last one ends
     */
    public static Figure third(String title, DoubleUnaryOperator cost, double[] range, double[] weights) {
        double[] w = new double[RESOLUTION];
        for (int i = 0; i < w.length; i++) w[i] = range[0] + (range[1] - range[0]) * i / (w.length - 1);
        DefaultXYDataset dataset = new DefaultXYDataset();
        dataset.addSeries("steps", on(cost, weights)); // the first series is drawn last
        dataset.addSeries("curve", on(cost, w));
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setSeriesPaint(0, Palette.colour(1));
        renderer.setSeriesStroke(0, new BasicStroke(2));
        renderer.setSeriesShape(0, Palette.mark(0, 9));
        renderer.setSeriesShapesVisible(0, true);
        renderer.setSeriesPaint(1, Color.BLACK);
        renderer.setSeriesStroke(1, new BasicStroke(2));
        NumberAxis weight = Figure.axis("w");
        weight.setRange(range[0], range[1]);
        JFreeChart chart = new JFreeChart(title, new XYPlot(dataset, weight, Figure.axis("C(w)"), renderer));
        chart.removeLegend();
        return Figure.of(chart, 333, 290);
    }

    private static double[][] on(DoubleUnaryOperator cost, double[] w) {
        double[] costs = new double[w.length];
        for (int i = 0; i < w.length; i++) costs[i] = cost.applyAsDouble(w[i]);
        return new double[][] {w, costs};
    }
}
