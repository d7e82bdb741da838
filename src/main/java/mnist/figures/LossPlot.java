package mnist.figures;

import java.awt.BasicStroke;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws how losses fell over the epochs: training solid, test dashed. */
public final class LossPlot {
    /**
     * The losses of one model.
     *
     * @param train one value an epoch
     * @param test one value an epoch
     */
    public record Curve(String name, double[] train, double[] test) {}

    private LossPlot() {}

    /** @param unit what the losses are, with their unit */
    public static Figure of(String title, String unit, List<Curve> curves) {
        XYSeriesCollection dataset = new XYSeriesCollection();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        renderer.setAutoPopulateSeriesPaint(false); // or the theme takes colours and strokes away
        renderer.setAutoPopulateSeriesStroke(false);
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            add(dataset, renderer, curve.name + ", training", curve.train, i, new BasicStroke(3));
            add(dataset, renderer, curve.name + ", test", curve.test, i,
                    new BasicStroke(3, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 6}, 0));
        }
        NumberAxis epochs = new NumberAxis("epoch");
        epochs.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        epochs.setAutoRangeIncludesZero(false);
        LogAxis loss = new LogAxis(unit + ", log scale");
        loss.setBase(10);
        loss.setNumberFormatOverride(new java.text.DecimalFormat("0.####", java.text.DecimalFormatSymbols.getInstance(java.util.Locale.ROOT)));
        loss.setSmallestValue(1e-6);
        JFreeChart chart = new JFreeChart(title, Fonts.TITLE, new XYPlot(dataset, epochs, loss, renderer), true);
        chart.getLegend().setFrame(org.jfree.chart.block.BlockBorder.NONE);
        return Figure.of(chart, 1000, 700);
    }

    private static void add(XYSeriesCollection dataset, XYLineAndShapeRenderer renderer, String name, double[] losses,
            int colour, BasicStroke stroke) {
        XYSeries series = new XYSeries(name);
        for (int i = 0; i < losses.length; i++) series.add(i + 1, losses[i]);
        int index = dataset.getSeriesCount();
        dataset.addSeries(series);
        renderer.setSeriesPaint(index, Palette.colour(colour));
        renderer.setSeriesShape(index, Palette.mark(colour, 12));
        renderer.setSeriesStroke(index, stroke);
    }
}
