package mnist.figures;

import java.awt.BasicStroke;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws two curves that should be one: Java's wide and pale, Python's thin and dark upon it. */
public final class TwinPlot {
    private TwinPlot() {}

    /** Draws a plot half a page wide of the losses of the first steps. */
    public static Figure half(String title, double[] java, double[] python) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        dataset.addSeries(series("Python", python)); // the first series is drawn last
        dataset.addSeries(series("Java", java));
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
        renderer.setSeriesPaint(0, Palette.colour(0));
        renderer.setSeriesStroke(0, new BasicStroke(2));
        renderer.setSeriesPaint(1, Palette.colour(3));
        renderer.setSeriesStroke(1, new BasicStroke(8));
        NumberAxis loss = new NumberAxis("loss");
        loss.setAutoRangeIncludesZero(false);
        JFreeChart chart = new JFreeChart(title, new XYPlot(dataset, new NumberAxis("step"), loss, renderer));
        return Figure.half(chart, 400);
    }

    private static XYSeries series(String name, double[] losses) {
        XYSeries series = new XYSeries(name);
        for (int i = 0; i < losses.length; i++) series.add(i + 1, losses[i]);
        return series;
    }
}
