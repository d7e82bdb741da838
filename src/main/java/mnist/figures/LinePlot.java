package mnist.figures;

import java.awt.BasicStroke;
import java.awt.geom.Line2D;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws quantities as functions of a number: means over several runs, in bands from the smallest to the largest. */
public final class LinePlot {
    /**
     * One quantity.
     *
     * @param runs its values for each x, a row per run
     */
    public record Line(String name, List<double[]> runs) {}

    private LinePlot() {}

    /** Draws the lines over a logarithmic axis. */
    public static Figure logarithmic(String title, String xLabel, String yLabel, double[] x, List<Line> lines) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        renderer.setLegendLine(new Line2D.Double(-25, 0, 25, 0));
        Bands bands = new Bands();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            XYSeries series = new XYSeries(line.name);
            double[] mean = Bands.mean(line.runs);
            for (int k = 0; k < x.length; k++) if (mean[k] > 0) series.add(x[k], mean[k]);
            dataset.addSeries(series);
            renderer.setSeriesPaint(i, Palette.colour(i));
            renderer.setSeriesShape(i, Palette.mark(i, 10));
            renderer.setSeriesStroke(i, new BasicStroke(2));
            bands.add(x, line.runs, i);
        }
        XYPlot plot = LossPlot.plot(yLabel, dataset, renderer);
        plot.setDomainAxis(Figure.axis(xLabel));
        bands.addTo(plot);
        return Figure.of(new JFreeChart(title, Fonts.TITLE, plot, true), 1000, 560);
    }
}
