package mnist.figures;

import java.awt.Font;
import mnist.system.UserError;

/** The typefaces of the figures, in units of which a page is 1000 wide: 16 are 7.5 points in print. */
public final class Fonts {
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 19);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 17);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 16);

    private Fonts() {}

    /**
     * Finds out whether Java can draw text, before hours of training end in figures that cannot be drawn.
     *
     * @throws UserError where the system has no fonts
     */
    public static void check() {
        try {
            new java.awt.image.BufferedImage(1, 1, java.awt.image.BufferedImage.TYPE_INT_RGB)
                    .createGraphics()
                    .getFontMetrics(TEXT)
                    .stringWidth("x");
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw new UserError(
                    "Java finds no fonts to draw figures with",
                    "install some (Debian: apt-get install fontconfig fonts-dejavu-core)",
                    e);
        }
    }
}
