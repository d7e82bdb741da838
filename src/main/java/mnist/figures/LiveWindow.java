package mnist.figures;

import java.awt.AWTError;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.HeadlessException;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.lang.reflect.InvocationTargetException;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;
import mnist.system.UserError;
import org.jfree.chart.ChartPanel;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jspecify.annotations.Nullable;

/** A window with live loss curves above a figure. Its methods may be called from any thread. */
public final class LiveWindow {
    private static final Dimension CURVES = new Dimension(900, 480);

    private final XYSeriesCollection losses = new XYSeriesCollection();
    private final XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    private final Pictures pictures = new Pictures();
    private final JFrame frame = new JFrame("mnist-libtorch");

    /**
     * Opens a window.
     *
     * @return null if there is no display
     * @throws UserError if the display cannot be used
     */
    public static @Nullable LiveWindow open() {
        try {
            if (GraphicsEnvironment.isHeadless()) return null;
            LiveWindow[] window = new LiveWindow[1];
            SwingUtilities.invokeAndWait(() -> window[0] = new LiveWindow());
            return window[0];
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (InvocationTargetException | AWTError | HeadlessException | LinkageError e) {
            Throwable cause = e instanceof InvocationTargetException wrapped ? wrapped.getTargetException() : e;
            throw new UserError(
                    "no window can be opened (" + cause.getMessage() + ")",
                    "check the display, or leave out --live",
                    e);
        }
    }

    private LiveWindow() {
        JFreeChart chart = new JFreeChart(
                "Losses so far (log scale)",
                Fonts.TEXT,
                new XYPlot(losses, Plots.epochs(), Chart.logarithmic("loss"), renderer),
                true);
        Figure.style(chart);
        ChartPanel curves = new ChartPanel(chart);
        curves.setPreferredSize(CURVES);
        curves.setMaximumDrawWidth(4000); // above its default the chart would be scaled, not drawn larger
        curves.setMaximumDrawHeight(4000);
        frame.add(curves, BorderLayout.CENTER);
        frame.add(pictures, BorderLayout.SOUTH);
        frame.setDefaultCloseOperation(WindowConstants.DISPOSE_ON_CLOSE); // training goes on without it
        frame.pack();
        frame.setVisible(true);
    }

    /** Adds a point to a model's training or test curve; the first point creates the curve. */
    public void add(String model, boolean test, double epoch, double loss) {
        String curve = model + (test ? ", test" : ", training");
        SwingUtilities.invokeLater(() -> {
            if (losses.getSeriesIndex(curve) < 0) begin(curve, test);
            losses.getSeries(curve).add(epoch, loss);
        });
    }

    private void begin(String curve, boolean test) {
        int index = losses.getSeriesCount();
        renderer.setSeriesPaint(
                index, test ? Palette.colour(index / 2) : Palette.transparent(index / 2)); // two curves a model
        renderer.setSeriesShape(index, Palette.mark(index / 2, 12));
        renderer.setSeriesShapesVisible(index, test);
        losses.addSeries(new XYSeries(curve));
    }

    /** Shows a figure in place of the last one. */
    public void show(Figure figure, String title) {
        SwingUtilities.invokeLater(() -> {
            if (pictures.show(figure.draw())) frame.pack();
            pictures.repaint();
            frame.setTitle(title);
        });
    }

    public void close() {
        SwingUtilities.invokeLater(frame::dispose);
    }

    private static final class Pictures extends JComponent {
        private static final long serialVersionUID = 1;
        private transient @Nullable BufferedImage image;

        /** Sets the height of the image at the window's width; returns whether it changed. */
        private boolean show(BufferedImage image) {
            this.image = image;
            Dimension size = new Dimension(CURVES.width, CURVES.width * image.getHeight() / image.getWidth());
            boolean changed = !size.equals(getPreferredSize());
            setPreferredSize(size);
            return changed;
        }

        @Override
        protected void paintComponent(Graphics graphics) {
            if (image == null) return;
            double scale = Math.min((double) getWidth() / image.getWidth(), (double) getHeight() / image.getHeight());
            int width = (int) (scale * image.getWidth());
            ((Graphics2D) graphics)
                    .setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(image, (getWidth() - width) / 2, 0, width, (int) (scale * image.getHeight()), null);
        }
    }
}
