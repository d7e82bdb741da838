package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Confusion;
import org.jfree.chart.annotations.XYBoxAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;

/**
 * Draws a confusion matrix: counts in cells, with the recall of each row and the precision of each column beside them.
 */
public final class MatrixPlot {
    private static final Color RIGHT = new Color(0xdddddd);
    private static final Color WRONG = new Color(0xcc3311);

    private MatrixPlot() {}

    /**
     * Draws the matrix: correct predictions in grey, mistakes in red by their number.
     *
     * @param matrix rows are true classes, columns predicted ones
     */
    public static Figure of(String title, ConfusionMatrix matrix) {
        long[][] counts = matrix.counts();
        int n = counts.length;
        XYPlot plot = ImageGrid.plot(axis("predicted digit", n, "recall"), axis("true digit", n, "precision"));
        long mostMistakes =
                matrix.confusions().stream().mapToLong(Confusion::count).max().orElse(1);
        for (int r = 0; r < n; r++) {
            for (int c = 0; c < n; c++) {
                double redness = Math.sqrt((double) counts[r][c] / mostMistakes); // shows single mistakes too
                cell(
                        plot,
                        c,
                        r,
                        r == c ? RIGHT : mix(WRONG, Math.min(1, redness)),
                        String.valueOf(counts[r][c]),
                        r == c ? Font.BOLD : Font.PLAIN);
            }
            cell(plot, n, r, Color.WHITE, percent(matrix.recall(r)), Font.PLAIN);
            cell(plot, r, n, Color.WHITE, percent(matrix.precision(r)), Font.PLAIN);
        }
        return Figure.of(title, plot, false, 1000, 540);
    }

    private static void cell(XYPlot plot, int x, int y, Color colour, String text, int style) {
        plot.addAnnotation(
                new XYBoxAnnotation(x - 0.48, y + 0.48, x + 0.48, y - 0.48, new BasicStroke(0), null, colour));
        XYTextAnnotation annotation = new XYTextAnnotation(text, x, y);
        annotation.setFont(Fonts.SMALL.deriveFont(style));
        annotation.setPaint(Color.BLACK);
        plot.addAnnotation(annotation);
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format("%.1f %%", 100 * share);
    }

    private static Color mix(Color colour, double share) {
        double most = 0.75; // keeps text readable
        return new Color(
                (int) (255 + most * share * (colour.getRed() - 255)),
                (int) (255 + most * share * (colour.getGreen() - 255)),
                (int) (255 + most * share * (colour.getBlue() - 255)));
    }

    /** Returns an axis with the classes and one more entry. */
    private static SymbolAxis axis(String label, int classes, String more) {
        Stream<String> names = IntStream.range(0, classes).mapToObj(String::valueOf);
        return ImageGrid.axis(label, Stream.concat(names, Stream.of(more)).toList());
    }
}
