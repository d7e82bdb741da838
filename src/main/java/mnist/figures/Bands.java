package mnist.figures;

import java.awt.BasicStroke;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** Draws, below the curves of a plot, the range that several curves of a kind span. */
final class Bands {
    private static final float OPACITY = 0.22f;

    private final YIntervalSeriesCollection dataset = new YIntervalSeriesCollection();
    private final DeviationRenderer renderer = new DeviationRenderer(false, false);

    Bands() {
        renderer.setAlpha(OPACITY);
        renderer.setDefaultSeriesVisibleInLegend(false);
    }

    /**
     * Adds the range from the smallest to the largest value at each place.
     *
     * @param curves of the same length as x; one alone spans nothing
     * @param colour number of the palette's colour
     */
    void add(double[] x, List<double[]> curves, int colour) {
        if (curves.size() < 2) return;
        int index = dataset.getSeriesCount();
        YIntervalSeries series = new YIntervalSeries(index);
        for (int i = 0; i < x.length; i++) {
            double[] values = at(curves, i);
            double low = DoubleStream.of(values).min().orElseThrow();
            double high = DoubleStream.of(values).max().orElseThrow();
            if (low > 0) series.add(x[i], low, low, high); // a logarithmic axis has no zero
        }
        dataset.addSeries(series);
        renderer.setSeriesFillPaint(index, Palette.line(colour));
        renderer.setSeriesPaint(index, Palette.line(colour));
        renderer.setSeriesStroke(index, new BasicStroke(0));
    }

    /** Puts the bands below a plot's first dataset. */
    void addTo(XYPlot plot) {
        if (dataset.getSeriesCount() == 0) return;
        plot.setDataset(1, dataset);
        plot.setRenderer(1, renderer);
    }

    /** Returns the mean of curves at each place. */
    static double[] mean(List<double[]> curves) {
        double[] mean = new double[curves.get(0).length];
        for (int i = 0; i < mean.length; i++)
            mean[i] = DoubleStream.of(at(curves, i)).average().orElseThrow();
        return mean;
    }

    private static double[] at(List<double[]> curves, int place) {
        return curves.stream().mapToDouble(curve -> curve[place]).toArray();
    }
}
