package mnist.figures;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import libtorch.AtomicFile;
import mnist.system.UserError;
import org.jfree.chart.ChartTheme;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.TickUnits;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.AbstractRenderer;
import org.jfree.chart.ui.Drawable;
import org.jfree.chart.ui.RectangleInsets;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.NodeList;

/**
 * A chart, or a sheet of several.
 *
 * @param width in thousandths of a page's width; the file has 1.6 pixels per unit
 */
public record Figure(int width, int height, Drawable drawing) {
    private static final double PIXELS_PER_UNIT = 1.6;

    private static final String PNG = "javax_imageio_png_1.0"; // ImageIO's name for the metadata of the format

    /** ImageIO's quality of zlib's level 7: the files are 4 % larger than with level 9, in a third of the time. */
    private static final float COMPRESSION = 0.22f;

    private static final DecimalFormatSymbols MINUS = new DecimalFormatSymbols(Locale.ROOT);

    static {
        ImageIO.setUseCache(false); // the temporary folder may be missing, full or read-only
        MINUS.setMinusSign('−');
    }

    /** Makes a figure of a plot, in the fonts and colours that all figures share. */
    static Figure of(String title, XYPlot plot, boolean legend, int width, int height) {
        return of(new JFreeChart(title, Fonts.TITLE, plot, legend), width, height);
    }

    /** Makes a figure of a chart, in the fonts and colours that all figures share. */
    static Figure of(JFreeChart chart, int width, int height) {
        style(chart);
        return new Figure(width, height, chart);
    }

    static void style(JFreeChart chart) {
        if (chart.getXYPlot().getRenderer()
                instanceof AbstractRenderer renderer) { // else the theme would replace colours and strokes
            renderer.setAutoPopulateSeriesPaint(false);
            renderer.setAutoPopulateSeriesStroke(false);
        }
        theme().apply(chart);
        chart.setPadding(new RectangleInsets(0, 2, 2, 16)); // else the last tick's label would be cut off
        if (chart.getTitle() != null) chart.getTitle().setPadding(new RectangleInsets(10, 0, 6, 0));
        if (chart.getLegend() != null) chart.getLegend().setFrame(BlockBorder.NONE);
        chart.getPlot().setOutlineVisible(false);
        chart.getRenderingHints()
                .put(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    }

    /** Arranges figures of equal size in a grid. */
    public static Figure sheet(int columns, List<Figure> figures) {
        int width = columns * figures.get(0).width; // of the last row too, which may be shorter
        List<Figure> rows = new ArrayList<>();
        for (int i = 0; i < figures.size(); i += columns) {
            Figure row = row(figures.subList(i, Math.min(i + columns, figures.size())));
            rows.add(new Figure(width, row.height, row.drawing));
        }
        return column(rows);
    }

    /** Puts figures side by side. */
    static Figure row(List<Figure> figures) {
        int width = figures.stream().mapToInt(Figure::width).sum();
        int height = figures.stream().mapToInt(Figure::height).max().orElse(0);
        return new Figure(width, height, (graphics, area) -> {
            double x = area.getX();
            for (Figure figure : figures) {
                figure.drawing.draw(graphics, new Rectangle2D.Double(x, area.getY(), figure.width, figure.height));
                x += figure.width;
            }
        });
    }

    /** Puts figures below one another, centred. */
    public static Figure column(List<Figure> figures) {
        int width = figures.stream().mapToInt(Figure::width).max().orElse(0);
        int height = figures.stream().mapToInt(Figure::height).sum();
        return new Figure(width, height, (graphics, area) -> {
            double y = area.getY();
            for (Figure figure : figures) {
                double x = area.getX() + (width - figure.width) / 2.0;
                figure.drawing.draw(graphics, new Rectangle2D.Double(x, y, figure.width, figure.height));
                y += figure.height;
            }
        });
    }

    /**
     * Writes the figure as PNG.
     *
     * @param texts stored in the file's metadata, by keyword; ASCII
     */
    public void save(Path file, Map<String, String> texts) {
        byte[] png = png(texts);
        AtomicFile.write(file, temporary -> Files.write(temporary, png));
    }

    /** Returns the figure as PNG. */
    public byte[] png() {
        return png(Map.of());
    }

    private byte[] png(Map<String, String> texts) {
        BufferedImage image = draw();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
            ImageWriteParam compressed = writer.getDefaultWriteParam();
            compressed.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            compressed.setCompressionQuality(COMPRESSION);
            IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), compressed);
            metadata.mergeTree(PNG, tree(texts));
            try (ImageOutputStream out = ImageIO.createImageOutputStream(png)) {
                writer.setOutput(out);
                writer.write(null, new IIOImage(image, null, metadata), compressed);
            } finally {
                writer.dispose();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it writes to memory
        }
        return png.toByteArray();
    }

    /**
     * Returns the width at which to show a PNG, as a share of the page's width, so that text has one size in all
     * figures.
     */
    public static double share(byte[] png) {
        return ByteBuffer.wrap(png).getInt(16) / (1000 * PIXELS_PER_UNIT); // the width is where a PNG begins
    }

    private static IIOMetadataNode tree(Map<String, String> texts) {
        IIOMetadataNode entries = new IIOMetadataNode("tEXt");
        new TreeMap<>(texts).forEach((keyword, text) -> {
            IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("value", text);
            entries.appendChild(entry);
        });
        IIOMetadataNode root = new IIOMetadataNode(PNG);
        root.appendChild(entries);
        return root;
    }

    /**
     * Reads the texts in a PNG's metadata, by keyword.
     *
     * @throws UserError if the file cannot be read as PNG
     */
    public static Map<String, String> texts(Path file) {
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
            reader.setInput(in);
            NodeList entries =
                    ((IIOMetadataNode) reader.getImageMetadata(0).getAsTree(PNG)).getElementsByTagName("tEXtEntry");
            Map<String, String> texts = new TreeMap<>();
            for (int i = 0; i < entries.getLength(); i++) {
                IIOMetadataNode entry = (IIOMetadataNode) entries.item(i);
                texts.put(entry.getAttribute("keyword"), entry.getAttribute("value"));
            }
            return texts;
        } catch (IOException | RuntimeException e) {
            throw new UserError("cannot read " + file + " as PNG (" + e.getMessage() + ")", "draw it anew", e);
        }
    }

    BufferedImage draw() {
        BufferedImage image = new BufferedImage(pixels(width), pixels(height), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
        drawing.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        graphics.dispose();
        return image;
    }

    /** Returns a number axis with a range. */
    static NumberAxis axis(String label, double low, double high) {
        NumberAxis axis = axis(label);
        axis.setRange(low, high);
        return axis;
    }

    /** Returns a number axis whose negative ticks have a minus sign, not a hyphen. */
    static NumberAxis axis(@Nullable String label) {
        TickUnits units = new TickUnits();
        for (int power = -6; power <= 6; power++) {
            DecimalFormat format = new DecimalFormat("0." + "0".repeat(Math.max(0, -power)), MINUS);
            format.setDecimalSeparatorAlwaysShown(false);
            for (int digit : new int[] {1, 2, 5}) units.add(new NumberTickUnit(digit * Math.pow(10, power), format));
        }
        NumberAxis axis = new NumberAxis(label);
        axis.setStandardTickUnits(units);
        axis.setAutoRangeIncludesZero(false);
        return axis;
    }

    private static int pixels(int units) {
        return (int) Math.round(units * PIXELS_PER_UNIT);
    }

    private static ChartTheme theme() {
        StandardChartTheme theme = new StandardChartTheme("print");
        theme.setExtraLargeFont(Fonts.TITLE);
        theme.setLargeFont(Fonts.TEXT);
        theme.setRegularFont(Fonts.SMALL);
        theme.setSmallFont(Fonts.SMALL);
        theme.setLegendItemPaint(Color.BLACK);
        theme.setAxisLabelPaint(Color.BLACK);
        theme.setTickLabelPaint(Color.BLACK);
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setDomainGridlinePaint(new Color(0xdddddd));
        theme.setRangeGridlinePaint(new Color(0xdddddd));
        theme.setAxisOffset(RectangleInsets.ZERO_INSETS);
        return theme;
    }
}
