package mnist.figures;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Colours and marks that colour-blind readers can distinguish, also in grey: Paul Tol's "muted" scheme, with black as
 * the tenth colour, and different marks for neighbouring classes.
 *
 * @see <a href="https://sronpersonalpages.nl/~pault/">the scheme and its tests</a>
 */
public final class Palette {
    private static final int[] COLOURS = {
        0x332288, 0xcc6677, 0x117733, 0xddcc77, 0x88ccee, 0x44aa99, 0x882255, 0x000000, 0xaa4499, 0x999933
    };
    private static final int[] LINES = {0, 1, 2, 9, 7}; // colours dark enough for thin lines
    private static final Shape[] MARKS = {
        new Ellipse2D.Double(-0.5, -0.5, 1, 1),
        polygon(-0.55, 0.5, 0, -0.6, 0.55, 0.5),
        new Rectangle2D.Double(-0.45, -0.45, 0.9, 0.9),
        polygon(0, -0.65, 0.65, 0, 0, 0.65, -0.65, 0),
        polygon(-0.55, -0.5, 0, 0.6, 0.55, -0.5)
    };

    private Palette() {}

    public static Color colour(int index) {
        return new Color(COLOURS[index % COLOURS.length]);
    }

    /** Returns the colour of a line and of the band around it. */
    static Color line(int index) {
        return colour(LINES[index % LINES.length]);
    }

    /** Returns the colours of the ten classes as CSS colours: "#332288". */
    public static List<String> hex() {
        return IntStream.of(COLOURS)
                .mapToObj(colour -> String.format("#%06x", colour))
                .toList();
    }

    /** Returns a translucent colour for points that overlap. */
    static Color transparent(int index) {
        return new Color(COLOURS[index % COLOURS.length] | 0x99000000, true);
    }

    /** Returns the mark of a class, centred at the origin. */
    static Shape mark(int index, double size) {
        return AffineTransform.getScaleInstance(size, size).createTransformedShape(MARKS[index % MARKS.length]);
    }

    private static Shape polygon(double... xy) {
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 2; i < xy.length; i += 2) path.lineTo(xy[i], xy[i + 1]);
        path.closePath();
        return path;
    }
}
