package mnist.figures;

import java.awt.BasicStroke;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws two curves that should be one: Java's wide and pale, Python's thin and dark upon it. */
public final class TwinPlot {
    private TwinPlot() {}

    /** Draws a plot half a page wide of the losses of the first steps. */
    public static Figure half(String title, double[] java, double[] python) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        dataset.addSeries(LossPlot.series("Python", python)); // the first series is drawn last
        dataset.addSeries(LossPlot.series("Java", java));
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setSeriesPaint(0, Palette.colour(0));
        renderer.setSeriesStroke(0, new BasicStroke(2));
        renderer.setSeriesPaint(1, Palette.colour(3));
        renderer.setSeriesStroke(1, new BasicStroke(8));
        NumberAxis loss = new NumberAxis("loss");
        loss.setAutoRangeIncludesZero(false);
        XYPlot plot = new XYPlot(dataset, new NumberAxis("step"), loss, renderer);
        return Figure.of(title, plot, true, 500, 400);
    }
}
