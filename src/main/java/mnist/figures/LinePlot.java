package mnist.figures;

import java.awt.BasicStroke;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.TextAnchor;
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
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        renderer.setLegendLine(new Line2D.Double(-25, 0, 25, 0));
        XYPlot plot = plot(yLabel, x, lines, renderer);
        double margin = (x[x.length - 1] - x[0]) / 40; // for the marks at the ends
        plot.setDomainAxis(Figure.axis(xLabel));
        plot.getDomainAxis().setRange(x[0] - margin, x[x.length - 1] + margin);
        return Figure.of(title, plot, true, 1000, 560);
    }

    /** Draws one line on a logarithmic scale, at evenly spaced places, with mean and standard deviation at each. */
    public static Figure labelled(String title, String xLabel, String yLabel, List<String> x, Line line) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        renderer.setDefaultItemLabelGenerator((dataset, series, item) -> label(line, item));
        renderer.setDefaultItemLabelsVisible(true);
        // to the upper right, where a line that falls is not
        renderer.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE2, TextAnchor.BOTTOM_LEFT));
        double[] places = IntStream.range(0, x.size()).asDoubleStream().toArray();
        XYPlot plot = plot(yLabel, places, List.of(line), renderer);
        plot.setDomainAxis(ImageGrid.axis(xLabel, x));
        plot.getDomainAxis().setRange(-0.2, x.size() - 0.1); // for the label of the last
        plot.getRangeAxis().setUpperMargin(0.15); // for the highest label
        return Figure.of(title, plot, false, 1000, 360);
    }

    /** Writes what is drawn at one of the places: the mean of the runs, and where there are several their deviation. */
    static String label(Line line, int place) {
        return Sample.of(line.runs, run -> run[place]).format("%.4f");
    }

    private static XYPlot plot(String yLabel, double[] x, List<Line> lines, XYLineAndShapeRenderer renderer) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        Bands bands = new Bands();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            XYSeries series = new XYSeries(line.name);
            double[] mean = Bands.mean(line.runs);
            for (int k = 0; k < x.length; k++) if (mean[k] > 0) series.add(x[k], mean[k]);
            dataset.addSeries(series);
            renderer.setSeriesPaint(i, Palette.line(i));
            renderer.setSeriesShape(i, Palette.mark(i, 10));
            renderer.setSeriesStroke(i, new BasicStroke(2));
            bands.add(x, line.runs, i);
        }
        XYPlot plot = LossPlot.plot(yLabel, dataset, renderer);
        bands.addTo(plot);
        return plot;
    }
}
