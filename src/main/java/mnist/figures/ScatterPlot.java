package mnist.figures;

import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.Range;
import org.jfree.data.xy.DefaultXYDataset;

/** Draws points of one kind. */
public final class ScatterPlot {
    private ScatterPlot() {}

    /**
     * Draws a plot half a page wide.
     *
     * @param xy two rows of numbers
     * @param x range of the first axis: its two ends
     * @param y range of the second axis: its two ends
     */
    public static Figure half(String title, double[][] xy, double[] x, double[] y) {
        DefaultXYDataset dataset = new DefaultXYDataset();
        dataset.addSeries("points", xy);
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        renderer.setSeriesPaint(0, Palette.transparent(0));
        renderer.setSeriesShape(0, Palette.mark(0, 8));
        XYPlot plot = new XYPlot(dataset, axis("x₁", x), axis("x₂", y), renderer);
        JFreeChart chart = new JFreeChart(title, plot);
        chart.removeLegend();
        return Figure.half(chart, 340);
    }

    private static NumberAxis axis(String label, double[] range) {
        NumberAxis axis = Figure.axis(label);
        axis.setRange(new Range(range[0], range[1]));
        return axis;
    }
}
