package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.xy.DefaultXYDataset;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** A plot of lines and points; those added first are drawn last, above the others. */
final class Chart {
    static final BasicStroke SOLID = new BasicStroke(2);
    private static final float OPACITY = 0.22f; // of bands

    final XYPlot plot;
    private final DefaultXYDataset dataset = new DefaultXYDataset();
    private final XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    private final YIntervalSeriesCollection ranges = new YIntervalSeriesCollection();
    private final DeviationRenderer bands = new DeviationRenderer(false, false);

    Chart(ValueAxis x, ValueAxis y) {
        plot = new XYPlot(dataset, x, y, renderer);
        bands.setAlpha(OPACITY);
        bands.setDefaultSeriesVisibleInLegend(false);
    }

    /** Adds a line. */
    Chart line(String name, double[] x, double[] y, Color colour, Stroke stroke) {
        int series = dataset.getSeriesCount();
        dataset.addSeries(name, new double[][] {x, y});
        renderer.setSeriesPaint(series, colour);
        renderer.setSeriesStroke(series, stroke);
        return this;
    }

    /** Adds points. */
    Chart points(String name, double[] x, double[] y, Color colour, Shape mark) {
        line(name, x, y, colour, SOLID);
        renderer.setSeriesLinesVisible(dataset.getSeriesCount() - 1, false);
        return marked(mark, true);
    }

    /** Adds marks to the line that was added last. */
    Chart marked(Shape mark, boolean filled) {
        int series = dataset.getSeriesCount() - 1;
        renderer.setSeriesShape(series, mark);
        renderer.setSeriesShapesVisible(series, true);
        renderer.setSeriesShapesFilled(series, filled);
        return this;
    }

    /**
     * Adds the mean of several runs, with marks, and a band from the smallest to the largest. Values of zero or less
     * are left out: the axis is logarithmic.
     *
     * @param runs values for each x, a row a run
     * @param colour index into the palette
     */
    Chart curve(String name, double[] x, List<double[]> runs, int colour, Stroke stroke, boolean filled) {
        double[] mean = mean(runs);
        int[] positive = IntStream.range(0, x.length).filter(i -> mean[i] > 0).toArray();
        double[] places = IntStream.of(positive).mapToDouble(i -> x[i]).toArray();
        double[] means = IntStream.of(positive).mapToDouble(i -> mean[i]).toArray();
        renderer.setLegendLine(new Line2D.Double(-25, 0, 25, 0));
        line(name, places, means, Palette.line(colour), stroke).marked(Palette.mark(colour, 10), filled);
        if (runs.size() > 1) band(x, runs, Palette.line(colour));
        return this;
    }

    private void band(double[] x, List<double[]> runs, Color colour) {
        int index = ranges.getSeriesCount();
        YIntervalSeries series = new YIntervalSeries(index);
        for (int i = 0; i < x.length; i++) {
            double low = DoubleStream.of(at(runs, i)).min().orElseThrow();
            double high = DoubleStream.of(at(runs, i)).max().orElseThrow();
            if (low > 0) series.add(x[i], low, low, high);
        }
        ranges.addSeries(series);
        bands.setSeriesFillPaint(index, colour);
        plot.setDataset(1, ranges);
        plot.setRenderer(1, bands);
    }

    /** Returns the mean of runs at each place. */
    static double[] mean(List<double[]> runs) {
        return IntStream.range(0, runs.get(0).length)
                .mapToDouble(i -> DoubleStream.of(at(runs, i)).average().orElseThrow())
                .toArray();
    }

    private static double[] at(List<double[]> runs, int place) {
        return runs.stream().mapToDouble(run -> run[place]).toArray();
    }

    /** Labels each point with the mean of the runs and, if there are several, their standard deviation. */
    Chart labelled(List<double[]> runs) {
        renderer.setDefaultItemLabelGenerator((data, series, place) -> label(runs, place));
        renderer.setDefaultItemLabelsVisible(true);
        // to the upper right, clear of a falling line
        renderer.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE2, TextAnchor.BOTTOM_LEFT));
        return this;
    }

    static String label(List<double[]> runs, int place) {
        return Sample.of(runs, run -> run[place]).format("%.4f");
    }

    Figure figure(String title, boolean legend, int width, int height) {
        return Figure.of(title, plot, legend, width, height);
    }

    /**
     * Returns a logarithmic axis with ticks at 1, 2 and 5 times each power of ten, or at all digits if those are few;
     * LogAxis itself puts ticks at values such as 0.0794.
     */
    static LogAxis logarithmic(String label) {
        LogAxis axis = new LogAxis(label) {
            @Override
            protected List<NumberTick> refreshTicksVertical(Graphics2D graphics, Rectangle2D area, RectangleEdge edge) {
                List<NumberTick> few = ticks(this, 1, 2, 5);
                return few.size() > 2 ? few : ticks(this, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            }
        };
        axis.setSmallestValue(1e-9);
        return axis;
    }

    private static List<NumberTick> ticks(LogAxis axis, int... digits) {
        List<NumberTick> ticks = new ArrayList<>();
        int last = (int) Math.floor(Math.log10(axis.getUpperBound()));
        for (int power = (int) Math.floor(Math.log10(axis.getLowerBound())); power <= last; power++) {
            for (int digit : digits) {
                BigDecimal value = BigDecimal.valueOf(digit).scaleByPowerOfTen(power);
                if (!axis.getRange().contains(value.doubleValue())) continue;
                TextAnchor anchor = TextAnchor.CENTER_RIGHT;
                ticks.add(new NumberTick(value.doubleValue(), value.toPlainString(), anchor, anchor, 0));
            }
        }
        return ticks;
    }
}
