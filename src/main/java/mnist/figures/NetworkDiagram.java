package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws a small network in the colours of the exercise: weights red, biases orange, inputs and targets blue.
 *
 * @param names of the neurons of each layer but the first, without their number
 */
public record NetworkDiagram(
        double[] inputs, double[] targets, List<double[][]> weights, List<double[]> biases, List<String> names) {
    private static final Color WEIGHT = new Color(0xb2182b);
    private static final Color BIAS = new Color(0xb35900);
    private static final Color GIVEN = new Color(0x2166ac);
    private static final Font TEXT = Fonts.TEXT.deriveFont(26f);
    private static final Font INDEX = Fonts.TEXT.deriveFont(18f);
    private static final int RADIUS = 34;
    private static final int ROW = 175; // from one neuron to the one below
    private static final int LEFT = 130; // of the inputs, for their values
    private static final int RIGHT = 180; // of the outputs, for the targets

    /** Returns the figure, as high as its largest layer. */
    public Figure figure() {
        int most = inputs.length;
        for (double[] layer : biases) most = Math.max(most, layer.length);
        int height = 30 + ROW * most;
        return new Figure(1000, height, (graphics, area) -> {
            Graphics2D inner = (Graphics2D) graphics.create();
            inner.translate(area.getX(), area.getY());
            draw(inner, height);
            inner.dispose();
        });
    }

    private void draw(Graphics2D graphics, int height) {
        List<Point2D[]> layers = new ArrayList<>();
        for (int l = 0; l <= weights.size(); l++) layers.add(places(l, height));
        graphics.setStroke(new BasicStroke(1.5f));
        for (int l = 0; l < weights.size(); l++) {
            graphics.setColor(Color.GRAY);
            for (Point2D to : layers.get(l + 1))
                for (Point2D from : layers.get(l)) graphics.draw(new Line2D.Double(from, to));
            for (int j = 0; j < weights.get(l).length; j++)
                for (int k = 0; k < layers.get(l).length; k++)
                    weight(graphics, layers.get(l)[k], layers.get(l + 1)[j], l + 2, j, k);
        }
        for (int l = 0; l < layers.size(); l++)
            for (int j = 0; j < layers.get(l).length; j++) neuron(graphics, layers.get(l)[j], l, j);
    }

    private Point2D[] places(int layer, int height) {
        int n = layer == 0 ? inputs.length : biases.get(layer - 1).length;
        Point2D[] places = new Point2D[n];
        double x = LEFT + (1000.0 - LEFT - RIGHT) * layer / weights.size();
        for (int j = 0; j < n; j++) places[j] = new Point2D.Double(x, height / 2.0 + ROW * (j - (n - 1) / 2.0));
        return places;
    }

    /** Writes a weight's name and value on its connection, near the start, where connections do not cross. */
    private void weight(Graphics2D graphics, Point2D from, Point2D to, int layer, int j, int k) {
        double share = from.getY() == to.getY() ? 0.4 : 0.31;
        double x = from.getX() + share * (to.getX() - from.getX());
        double y = from.getY() + share * (to.getY() - from.getY());
        String value = " = " + number(weights.get(layer - 2)[j][k]);
        new Label("w", String.valueOf(layer), "" + (j + 1) + (k + 1), value).write(graphics, x, y, WEIGHT);
    }

    private void neuron(Graphics2D graphics, Point2D at, int layer, int j) {
        Ellipse2D circle = new Ellipse2D.Double(at.getX() - RADIUS, at.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS);
        graphics.setColor(Color.WHITE);
        graphics.fill(circle);
        graphics.setColor(layer == 0 ? GIVEN : Color.BLACK);
        graphics.draw(circle);
        String name = layer == 0 ? "x" : names.get(layer - 1);
        String index = String.valueOf(j + 1);
        new Label(name, "", index, "").write(graphics, at.getX(), at.getY(), layer == 0 ? GIVEN : Color.BLACK);
        if (layer == 0) {
            new Label("", "", "", number(inputs[j])).write(graphics, at.getX() - 80, at.getY(), GIVEN);
            return;
        }
        boolean upper = 2 * j + 1 < biases.get(layer - 1).length; // its bias is drawn above it
        double y = at.getY() + (upper ? -1 : 1) * (RADIUS + 24);
        String bias = " = " + number(biases.get(layer - 1)[j]);
        new Label("b", String.valueOf(layer + 1), index, bias).write(graphics, at.getX(), y, BIAS);
        if (layer == weights.size())
            new Label("y", "", index, " = " + number(targets[j])).write(graphics, at.getX() + 106, at.getY(), GIVEN);
    }

    /** A letter with an upper and a lower index, and the text after it. */
    private record Label(String letter, String upper, String lower, String rest) {
        /** Draws the label centred at a place, on white. */
        void write(Graphics2D graphics, double x, double y, Color colour) {
            FontMetrics text = graphics.getFontMetrics(TEXT);
            FontMetrics index = graphics.getFontMetrics(INDEX);
            int before = text.stringWidth(letter);
            int width = before + Math.max(index.stringWidth(upper), index.stringWidth(lower));
            float left = (float) x - (width + text.stringWidth(rest)) / 2f;
            float base = (float) y + 0.36f * TEXT.getSize(); // digits are 0.72 of their size high
            graphics.setColor(Color.WHITE);
            graphics.fill(new Rectangle2D.Float(left - 4, (float) y - 20, width + text.stringWidth(rest) + 8, 40));
            graphics.setColor(colour);
            graphics.setFont(TEXT);
            graphics.drawString(letter, left, base);
            graphics.drawString(rest, left + width, base);
            graphics.setFont(INDEX);
            graphics.drawString(upper, left + before, base - 0.45f * TEXT.getSize());
            graphics.drawString(lower, left + before, base + 0.25f * TEXT.getSize());
        }
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString().replace('-', '−');
    }
}
