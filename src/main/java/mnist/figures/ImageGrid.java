package mnist.figures;

import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.List;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYDataImageAnnotation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;

/** Draws rows of labelled images. */
public final class ImageGrid {
    private static final double CELL = 0.94; // the rest of a cell is the gap between two images

    /**
     * One row.
     *
     * @param images each 28×28 values, 0 is paper and 1 is ink; values beyond are cut off
     */
    public record Row(String label, float[][] images) {}

    private ImageGrid() {}

    public static Figure of(String title, List<String> columnLabels, List<Row> rows) {
        List<String> labels = new java.util.ArrayList<>(rows.stream().map(Row::label).toList());
        Collections.reverse(labels); // the axis counts from the bottom
        XYPlot plot = new XYPlot(null, axis(columnLabels), axis(labels), null);
        plot.setDomainGridlinesVisible(false);
        plot.setRangeGridlinesVisible(false);
        plot.setDomainAxisLocation(org.jfree.chart.axis.AxisLocation.TOP_OR_LEFT);
        for (int r = 0; r < rows.size(); r++) {
            float[][] images = rows.get(r).images();
            for (int c = 0; c < images.length; c++) {
                double y = rows.size() - 1 - r;
                plot.addAnnotation(new XYDataImageAnnotation(image(images[c], 28), c - CELL / 2, y - CELL / 2, CELL, CELL));
            }
        }
        int longest = labels.stream().mapToInt(String::length).max().orElse(0);
        int cell = (1000 - 30 - 12 * longest) / columnLabels.size();
        return Figure.of(new JFreeChart(title, Fonts.TITLE, plot, false), 1000, 90 + cell * rows.size());
    }

    private static SymbolAxis axis(List<String> labels) {
        SymbolAxis axis = new SymbolAxis(null, labels.toArray(String[]::new));
        axis.setGridBandsVisible(false);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
        axis.setRange(-0.5, labels.size() - 0.5);
        return axis;
    }

    /** Turns row-major values in 0..1 into an image of dark ink on white paper. */
    static BufferedImage image(float[] values, int side) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < values.length; i++) {
            int grey = 255 - Math.round(255 * Math.max(0, Math.min(1, values[i])));
            image.getRaster().setSample(i % side, i / side, 0, grey);
        }
        return image;
    }
}
