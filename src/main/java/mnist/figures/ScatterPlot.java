package mnist.figures;

import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
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
        XYPlot plot = new XYPlot(dataset, Figure.axis("x₁", x[0], x[1]), Figure.axis("x₂", y[0], y[1]), renderer);
        return Figure.of(title, plot, false, 500, 340);
    }
}
