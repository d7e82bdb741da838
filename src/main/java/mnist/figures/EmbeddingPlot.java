package mnist.figures;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.xy.DefaultXYDataset;

/** Draws points of the latent plane, coloured and marked by class, with the name of each class where its middle lies. */
public final class EmbeddingPlot {
    private static final int CLASSES = 10;

    private EmbeddingPlot() {}

    /**
     * Draws a plot with axes and a legend.
     *
     * @param points N pairs of coordinates
     * @param labels the classes of the points, 0 to 9
     */
    public static Figure of(String title, float[][] points, long[] labels) {
        XYPlot plot = plot(points, labels);
        plot.getDomainAxis().setLabel("latent coordinate 1 (no unit)");
        plot.getRangeAxis().setLabel("latent coordinate 2 (no unit)");
        JFreeChart chart = new JFreeChart(title, Fonts.TITLE, plot, true);
        LegendTitle names = chart.getLegend();
        names.setPosition(RectangleEdge.RIGHT);
        names.setFrame(BlockBorder.NONE);
        return Figure.of(chart, 1000, 800);
    }

    /** Draws a small plot for a sheet of several: the classes are named in it, and the axes have only numbers. */
    public static Figure small(String title, float[][] points, long[] labels) {
        return Figure.of(new JFreeChart(title, Fonts.TEXT, plot(points, labels), false), 500, 440);
    }

    private static XYPlot plot(float[][] points, long[] labels) {
        DefaultXYDataset dataset = new DefaultXYDataset();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
        renderer.setAutoPopulateSeriesPaint(false); // or the theme takes the colours away
        XYPlot plot = new XYPlot(dataset, axis(), axis(), renderer);
        LegendItemCollection legend = new LegendItemCollection();
        double size = points.length > 3000 ? 5 : 8;
        for (int digit = 0; digit < CLASSES; digit++) {
            double[][] xy = coordinates(points, labels, digit);
            dataset.addSeries(digit, xy);
            renderer.setSeriesPaint(digit, Palette.transparent(digit));
            renderer.setSeriesShape(digit, Palette.mark(digit, size));
            legend.add(new LegendItem(String.valueOf(digit), null, null, null, Palette.mark(digit, 18), Palette.colour(digit)));
            if (xy[0].length > 0) plot.addAnnotation(new Name(String.valueOf(digit), median(xy[0]), median(xy[1])));
        }
        plot.setFixedLegendItems(legend);
        return plot;
    }

    private static NumberAxis axis() {
        NumberAxis axis = new NumberAxis();
        axis.setAutoRangeIncludesZero(false);
        return axis;
    }

    private static double[][] coordinates(float[][] points, long[] labels, int digit) {
        int[] members = java.util.stream.IntStream.range(0, points.length).filter(i -> labels[i] == digit).toArray();
        return new double[][] {Arrays.stream(members).mapToDouble(i -> points[i][0]).toArray(),
            Arrays.stream(members).mapToDouble(i -> points[i][1]).toArray()};
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** A digit in black with a white border, readable above any cloud of points. */
    private static final class Name extends XYTextAnnotation {
        Name(String text, double x, double y) {
            super(text, x, y);
            setFont(Fonts.TITLE.deriveFont(34f));
        }

        @Override
        public void draw(Graphics2D graphics, XYPlot plot, Rectangle2D area, org.jfree.chart.axis.ValueAxis domain,
                org.jfree.chart.axis.ValueAxis range, int index, org.jfree.chart.plot.PlotRenderingInfo info) {
            double x = domain.valueToJava2D(getX(), area, plot.getDomainAxisEdge());
            double y = range.valueToJava2D(getY(), area, plot.getRangeAxisEdge());
            var outline = getFont().createGlyphVector(graphics.getFontRenderContext(), getText()).getOutline();
            Rectangle2D bounds = outline.getBounds2D();
            graphics.translate(x - bounds.getCenterX(), y - bounds.getCenterY());
            graphics.setStroke(new java.awt.BasicStroke(7, java.awt.BasicStroke.CAP_ROUND, java.awt.BasicStroke.JOIN_ROUND));
            graphics.setColor(Color.WHITE);
            graphics.draw(outline);
            graphics.setColor(Color.BLACK);
            graphics.fill(outline);
            graphics.translate(bounds.getCenterX() - x, bounds.getCenterY() - y);
        }
    }
}
