package mnist.figures;

import java.awt.Font;
import mnist.system.UserError;

/** The fonts of the figures, sized in thousandths of a page's width: 16 are 7.5 points in print. */
public final class Fonts {
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 19);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 17);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 16);

    private Fonts() {}

    /**
     * Checks that Java can draw text, to fail before the training and not after it.
     *
     * @throws UserError if the system has no fonts
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
