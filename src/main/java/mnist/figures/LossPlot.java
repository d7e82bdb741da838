package mnist.figures;

import java.awt.BasicStroke;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.data.Range;

/** Draws how losses fell over the epochs: training solid, test dashed. */
public final class LossPlot {
    private static final BasicStroke DASHED =
            new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 6}, 0);

    /**
     * The losses of one model, of which the mean is drawn, and of several seeds the range as a band.
     *
     * @param train one value an epoch, a row a seed
     * @param test one value an epoch, a row a seed
     */
    public record Curve(String name, List<double[]> train, List<double[]> test) {}

    private LossPlot() {}

    /**
     * Draws the curves over a logarithmic axis; those of several models in two plots, training and test, since the two
     * of a model lie close together.
     *
     * @param unit what the losses are, with their unit
     */
    public static Figure of(String title, String unit, List<Curve> curves) {
        if (curves.size() == 1) return figure(title + " (log scale)", unit, curves, true, true, 1000);
        return Figure.sheet(
                2,
                List.of(
                        figure("Training loss (log scale)", unit, curves, true, false, 500),
                        figure("Test loss (log scale)", unit, curves, false, true, 500)));
    }

    private static Figure figure(
            String title, String unit, List<Curve> curves, boolean training, boolean test, int width) {
        Chart chart = new Chart(epochs(), Chart.logarithmic(unit));
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            double[] epochs = IntStream.rangeClosed(1, curve.train.get(0).length)
                    .asDoubleStream()
                    .toArray();
            String name = curve.name;
            if (training) chart.curve(name + (test ? ", training" : ""), epochs, curve.train, i, Chart.SOLID, true);
            if (test) chart.curve(name + (training ? ", test" : ""), epochs, curve.test, i, DASHED, false);
        }
        chart.plot.getRangeAxis().setRange(range(curves));
        return chart.figure(title, true, width, 380);
    }

    /** Returns a range that holds all losses, so that plots beside each other have one scale. */
    private static Range range(List<Curve> curves) {
        double[] losses = curves.stream()
                .flatMap(curve -> Stream.concat(curve.train.stream(), curve.test.stream()))
                .flatMapToDouble(DoubleStream::of)
                .filter(loss -> loss > 0)
                .sorted()
                .toArray();
        return losses.length == 0 ? new Range(0.1, 1) : new Range(losses[0] / 1.2, losses[losses.length - 1] * 1.2);
    }

    static NumberAxis epochs() {
        NumberAxis epochs = new NumberAxis("epoch");
        epochs.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        epochs.setAutoRangeIncludesZero(false);
        return epochs;
    }
}
