package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.DefaultXYDataset;

/** Draws points of the latent plane, with a colour and mark for each class and its name at the median of its points. */
public final class EmbeddingPlot {
    /** Maximum number of points: more would overlap and enlarge the file. */
    public static final int MOST_POINTS = 2000;

    private static final int CLASSES = 10;
    private static final Color OTHERS = new Color(0xd4d4d4);
    private static final double OUTLIERS = 0.01; // of the points, at either end of an axis
    private static final double CRUSHED = 1.5; // times the range of the others
    private static final double NAME_DISTANCE = 0.05; // of the plot's width and height

    private EmbeddingPlot() {}

    /**
     * Draws all points in one plot, and beside it each class alone above the others; the title says how many points are
     * shown.
     *
     * @param name of the model
     * @param points pairs of coordinates, of which the first 2,000 are drawn
     * @param labels the classes of the points, 0 to 9
     */
    public static Figure of(String name, float[][] points, long[] labels) {
        String title = String.format(
                "%s: embedding of %,d test images, and each digit alone", name, Math.min(MOST_POINTS, points.length));
        XYPlot plot = plot(points, labels, 7, "latent coordinate");
        Figure all = Figure.of(title + outside(plot, points), plot, false, 720, 500);
        List<Figure> each = IntStream.range(0, CLASSES)
                .mapToObj(digit -> panel(plot, points, labels, digit))
                .toList();
        return Figure.row(List.of(all, Figure.sheet(2, each)));
    }

    /** Draws one class in its colour above all others in grey, on the axes of another plot. */
    private static Figure panel(XYPlot all, float[][] points, long[] labels, int digit) {
        double[][] own = of(points, i -> labels[i] == digit);
        double[][] others = of(points, i -> labels[i] != digit);
        XYPlot plot = new Chart(bare(all.getDomainAxis()), bare(all.getRangeAxis()))
                .points("digit", own[0], own[1], Palette.colour(digit), Palette.mark(0, 3.5))
                .points("others", others[0], others[1], OTHERS, Palette.mark(0, 3))
                .plot;
        JFreeChart chart = new JFreeChart(String.valueOf(digit), Fonts.TEXT, plot, false);
        Figure figure = Figure.of(chart, 140, 100);
        chart.setPadding(new RectangleInsets(0, 3, 0, 3));
        chart.getTitle().setPadding(RectangleInsets.ZERO_INSETS);
        plot.setOutlineVisible(true);
        return figure;
    }

    private static double[][] of(float[][] points, IntPredicate which) {
        int[] chosen = IntStream.range(0, Math.min(MOST_POINTS, points.length))
                .filter(which)
                .toArray();
        return IntStream.range(0, 2)
                .mapToObj(axis ->
                        Arrays.stream(chosen).mapToDouble(i -> points[i][axis]).toArray())
                .toArray(double[][]::new);
    }

    private static NumberAxis bare(ValueAxis like) {
        NumberAxis axis = new NumberAxis();
        axis.setRange(like.getRange());
        axis.setTickLabelsVisible(false);
        axis.setTickMarksVisible(false);
        return axis;
    }

    /**
     * Draws a plot half a page wide, with a legend.
     *
     * @param coordinate label of the axes, without the number
     */
    public static Figure half(String title, String coordinate, float[][] points, long[] labels) {
        XYPlot plot = plot(points, labels, 6, coordinate);
        return Figure.of(title + outside(plot, points), plot, true, 500, 400);
    }

    private static XYPlot plot(float[][] points, long[] labels, double size, String coordinate) {
        double[][] xy = of(points, i -> true);
        DefaultXYDataset dataset = new DefaultXYDataset();
        dataset.addSeries("points", xy); // one series in the data's order: no class hides the others
        XYLineAndShapeRenderer byClass = new XYLineAndShapeRenderer(false, true) {
            @Override
            public Paint getItemPaint(int series, int item) {
                return Palette.transparent((int) labels[item]);
            }

            @Override
            public Shape getItemShape(int series, int item) {
                return Palette.mark((int) labels[item], size);
            }
        };
        XYPlot plot = new XYPlot(dataset, Figure.axis(coordinate + " 1"), Figure.axis(coordinate + " 2"), byClass);
        LegendItemCollection legend = new LegendItemCollection();
        for (int digit = 0; digit < CLASSES; digit++) {
            legend.add(new LegendItem(
                    String.valueOf(digit), null, null, null, Palette.mark(digit, 12), Palette.colour(digit)));
        }
        plot.setFixedLegendItems(legend);
        zoom(plot.getDomainAxis(), xy[0]);
        zoom(plot.getRangeAxis(), xy[1]);
        name(plot, points, labels);
        return plot;
    }

    /**
     * Sets the axis's range without outliers, if these would make it much longer than the range of the other points.
     */
    private static void zoom(ValueAxis axis, double[] values) {
        double low = Sample.quantile(values, OUTLIERS);
        double high = Sample.quantile(values, 1 - OUTLIERS);
        double middle = (high - low) * 1.1;
        double all = Sample.quantile(values, 1) - Sample.quantile(values, 0);
        if (middle > 0 && all > CRUSHED * middle) axis.setRange(low - 0.05 * middle, high + 0.05 * middle);
    }

    /** Returns a text with the number of points outside the axes' ranges. */
    private static String outside(XYPlot plot, float[][] points) {
        long outside = Arrays.stream(points)
                .limit(MOST_POINTS)
                .filter(point -> !plot.getDomainAxis().getRange().contains(point[0])
                        || !plot.getRangeAxis().getRange().contains(point[1]))
                .count();
        return outside == 0 ? "" : String.format(" (%d outside)", outside);
    }

    /** Writes the name of each class at the median of its points, or beside it where another name would cover it. */
    private static void name(XYPlot plot, float[][] points, long[] labels) {
        double width = plot.getDomainAxis().getRange().getLength();
        double height = plot.getRangeAxis().getRange().getLength();
        Map<Integer, double[]> places = new TreeMap<>();
        for (int digit = 0; digit < CLASSES; digit++) {
            long own = digit;
            double[][] xy = of(points, i -> labels[i] == own);
            if (xy[0].length > 0)
                places.put(digit, new double[] {
                    Sample.quantile(xy[0], 0.5) / width, Sample.quantile(xy[1], 0.5) / height
                });
        }
        spread(places.values().toArray(double[][]::new), NAME_DISTANCE);
        places.forEach((digit, place) ->
                plot.addAnnotation(new Name(String.valueOf(digit), place[0] * width, place[1] * height)));
    }

    /** Moves places apart pairwise until none are closer than the distance. */
    static void spread(double[][] places, double distance) {
        boolean moved = true;
        for (int round = 0; moved && round < 1000; round++) {
            moved = false;
            for (int a = 0; a < places.length; a++) {
                for (int b = 0; b < a; b++) {
                    double dx = places[a][0] - places[b][0];
                    double dy = places[a][1] - places[b][1];
                    double apart = Math.hypot(dx, dy);
                    if (apart >= distance) continue;
                    moved = true;
                    double push = (distance * 1.01 - apart) / 2;
                    double ux = apart > 0 ? dx / apart : 1;
                    double uy = apart > 0 ? dy / apart : 0;
                    places[a][0] += push * ux;
                    places[a][1] += push * uy;
                    places[b][0] -= push * ux;
                    places[b][1] -= push * uy;
                }
            }
        }
    }

    /** A digit in black with a white border, readable above any cloud of points. */
    private static final class Name extends XYTextAnnotation {
        Name(String text, double x, double y) {
            super(text, x, y);
        }

        @Override
        public void draw(
                Graphics2D graphics,
                XYPlot plot,
                Rectangle2D area,
                ValueAxis domain,
                ValueAxis range,
                int index,
                PlotRenderingInfo info) {
            double x = domain.valueToJava2D(getX(), area, plot.getDomainAxisEdge());
            double y = range.valueToJava2D(getY(), area, plot.getRangeAxisEdge());
            Shape outline = getFont()
                    .createGlyphVector(graphics.getFontRenderContext(), getText())
                    .getOutline();
            Rectangle2D bounds = outline.getBounds2D();
            graphics.translate(x - bounds.getCenterX(), y - bounds.getCenterY());
            graphics.setStroke(new BasicStroke(5, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            graphics.setColor(Color.WHITE);
            graphics.draw(outline);
            graphics.setColor(Color.BLACK);
            graphics.fill(outline);
            graphics.translate(bounds.getCenterX() - x, bounds.getCenterY() - y);
        }
    }
}
