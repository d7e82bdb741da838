package mnist.figures;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import mnist.evaluation.Reconstructions;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYDataImageAnnotation;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.LookupPaintScale;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jspecify.annotations.Nullable;

/** Draws rows of labelled images. */
public final class ImageGrid {
    private static final double CELL = 0.94; // the rest of a cell is the gap between two images
    private static final int HEIGHT = 500; // of all rows at most
    private static final int NARROWEST = 620; // needed for a title
    private static final int TITLED = 76; // height of the title and the columns' labels
    private static final int UNTITLED = 34; // height of the columns' labels
    private static final int GROUP_CELL = 50; // in print, 8 mm
    private static final Color NEGATIVE = new Color(0x2166ac);
    private static final Color BETWEEN = new Color(0x999999); // not white, which would be a weight of zero
    private static final Color POSITIVE = new Color(0xb2182b);

    /**
     * One row.
     *
     * @param images square, row by row
     */
    public record Row(String label, float[][] images) {}

    /**
     * Images with their reconstructions.
     *
     * @param name label of the group
     * @param labels the classes of the images
     */
    public record Group(String name, long[] labels, Reconstructions images) {}

    private ImageGrid() {}

    /** Returns the first labels as text, for the columns. */
    public static List<String> names(long[] labels, int n) {
        return Arrays.stream(labels).limit(n).mapToObj(String::valueOf).toList();
    }

    /**
     * Draws images above their reconstructions, with a row for the inputs between them if those differ.
     *
     * @param labels the classes of the images
     */
    public static Figure reconstructions(String title, long[] labels, Reconstructions images) {
        return of(title, names(labels, images.originals().length), rows("original", images));
    }

    /** Draws several groups of images below one another, each like {@link #reconstructions}. */
    public static Figure groups(String title, List<Group> groups) {
        List<Figure> figures = new ArrayList<>();
        for (Group group : groups) {
            List<String> labels = names(group.labels, group.labels.length);
            List<Row> rows = rows(group.name, group.images);
            JFreeChart chart = grid(figures.isEmpty() ? title : null, labels, rows, value -> grey(value));
            figures.add(figure(chart, labels, rows, 0, GROUP_CELL));
        }
        return Figure.column(figures);
    }

    private static List<Row> rows(String originals, Reconstructions images) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(originals, images.originals()));
        if (images.corrupted()) rows.add(new Row("corrupted", images.inputs()));
        rows.add(new Row("reconstructed", images.outputs()));
        return rows;
    }

    /** Draws digits from 0, white, to 1, black; values outside are clipped. */
    public static Figure of(String title, List<String> columnLabels, List<Row> rows) {
        return figure(
                grid(title, columnLabels, rows, value -> grey(value)), columnLabels, rows, 0, HEIGHT / rows.size());
    }

    /** Draws values of both signs, blue below zero and red above, on one scale with a colour bar. */
    public static Figure diverging(String title, String unit, List<String> columnLabels, List<Row> rows) {
        double most = 0;
        for (Row row : rows)
            for (float[] image : row.images) for (float value : image) most = Math.max(most, Math.abs(value));
        double limit = most;
        JFreeChart chart = grid(title, columnLabels, rows, value -> diverging(value / limit));
        LookupPaintScale scale = new LookupPaintScale(-limit, limit, Color.WHITE);
        for (int i = 0; i < 200; i++) scale.add(limit * (i / 100.0 - 1), diverging(i / 100.0 - 1));
        PaintScaleLegend bar = new PaintScaleLegend(scale, Figure.axis(unit));
        bar.setPosition(RectangleEdge.RIGHT);
        bar.setSubdivisionCount(200);
        bar.setStripWidth(24);
        bar.setMargin(new RectangleInsets(40, 12, 8, 8));
        chart.addSubtitle(bar);
        Figure figure = figure(chart, columnLabels, rows, 110, HEIGHT / rows.size());
        chart.getPlot().setBackgroundPaint(BETWEEN);
        bar.getAxis().setTickLabelFont(Fonts.SMALL);
        bar.getAxis().setLabelFont(Fonts.TEXT);
        return figure;
    }

    private static JFreeChart grid(
            @Nullable String title, List<String> columnLabels, List<Row> rows, DoubleFunction<Color> colours) {
        List<String> labels = rows.stream().map(Row::label).toList();
        XYPlot plot = plot(axis(null, columnLabels), axis(null, labels));
        for (int r = 0; r < rows.size(); r++) {
            float[][] images = rows.get(r).images();
            for (int c = 0; c < images.length; c++)
                plot.addAnnotation(
                        new XYDataImageAnnotation(image(images[c], colours), c - CELL / 2, r - CELL / 2, CELL, CELL));
        }
        return new JFreeChart(title, Fonts.TITLE, plot, false);
    }

    /** Creates a figure of square cells that fits a page. */
    private static Figure figure(JFreeChart chart, List<String> columnLabels, List<Row> rows, int besides, int most) {
        int longest = rows.stream().mapToInt(row -> row.label.length()).max().orElse(0);
        int left = besides + 30 + 9 * longest;
        int cell = Math.min((1000 - left) / columnLabels.size(), most);
        int top = chart.getTitle() == null ? UNTITLED : TITLED;
        return Figure.of(chart, Math.max(left + cell * columnLabels.size(), NARROWEST), top + cell * rows.size());
    }

    /** Returns a plot without grid lines, with rows from the top and the columns' labels above. */
    static XYPlot plot(SymbolAxis columns, SymbolAxis rows) {
        rows.setInverted(true);
        XYPlot plot = new XYPlot(null, columns, rows, null);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        plot.setDomainAxisLocation(AxisLocation.TOP_OR_LEFT);
        return plot;
    }

    static SymbolAxis axis(@Nullable String label, List<String> symbols) {
        SymbolAxis axis = new SymbolAxis(label, symbols.toArray(String[]::new));
        axis.setGridBandsVisible(false);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
        axis.setRange(-0.5, symbols.size() - 0.5);
        return axis;
    }

    private static BufferedImage image(float[] values, DoubleFunction<Color> colours) {
        int side = (int) Math.sqrt(values.length);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < values.length; i++)
            image.setRGB(i % side, i / side, colours.apply(values[i]).getRGB());
        return image;
    }

    static Color grey(double ink) {
        int grey = 255 - (int) Math.round(255 * Math.max(0, Math.min(1, ink)));
        return new Color(grey, grey, grey);
    }

    /** Returns a colour between blue at -1, white at 0 and red at 1. */
    static Color diverging(double value) {
        Color end = value < 0 ? NEGATIVE : POSITIVE;
        double share = Math.min(1, Math.abs(value));
        return new Color(mix(end.getRed(), share), mix(end.getGreen(), share), mix(end.getBlue(), share));
    }

    private static int mix(int end, double share) {
        return (int) Math.round(255 + share * (end - 255));
    }
}
