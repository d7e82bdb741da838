package mnist.figures;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.Range;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws how losses fell over the epochs: training solid, test dashed. */
public final class LossPlot {
    private static final BasicStroke SOLID = new BasicStroke(2);
    private static final BasicStroke DASHED =
            new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {9, 6}, 0);

    /**
     * The losses of one model.
     *
     * @param train one value an epoch; the mean of several seeds
     * @param test one value an epoch; the mean of several seeds
     * @param seeds the curves of each seed, whose range is drawn as a band; empty where there is one
     */
    public record Curve(String name, double[] train, double[] test, List<Curve> seeds) {
        public Curve(String name, double[] train, double[] test) {
            this(name, train, test, List.of());
        }

        /** Returns the mean of the curves of several seeds. */
        public static Curve mean(List<Curve> seeds) {
            Curve first = seeds.get(0);
            if (seeds.size() == 1) return first;
            return new Curve(
                    first.name,
                    Bands.mean(seeds.stream().map(Curve::train).toList()),
                    Bands.mean(seeds.stream().map(Curve::test).toList()),
                    seeds);
        }
    }

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
        XYSeriesCollection dataset = new XYSeriesCollection();
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, true);
        renderer.setLegendLine(new Line2D.Double(-25, 0, 25, 0));
        Bands bands = new Bands();
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            boolean both = training && test;
            double[] epochs = IntStream.rangeClosed(1, curve.train.length)
                    .asDoubleStream()
                    .toArray();
            if (training) {
                add(dataset, renderer, curve.name + (both ? ", training" : ""), curve.train, i, true);
                bands.add(epochs, curve.seeds.stream().map(Curve::train).toList(), i);
            }
            if (test) {
                add(dataset, renderer, curve.name + (both ? ", test" : ""), curve.test, i, false);
                bands.add(epochs, curve.seeds.stream().map(Curve::test).toList(), i);
            }
        }
        XYPlot plot = plot(unit, dataset, renderer);
        plot.getRangeAxis().setRange(range(curves));
        bands.addTo(plot);
        return Figure.of(title, plot, true, width, 380);
    }

    /** Returns a range that holds all losses, so that plots beside each other have one scale. */
    private static Range range(List<Curve> curves) {
        double[] losses = curves.stream()
                .flatMap(curve -> Stream.concat(Stream.of(curve), curve.seeds.stream()))
                .flatMapToDouble(curve -> DoubleStream.concat(Arrays.stream(curve.train), Arrays.stream(curve.test)))
                .filter(loss -> loss > 0)
                .sorted()
                .toArray();
        return losses.length == 0 ? new Range(0.1, 1) : new Range(losses[0] / 1.2, losses[losses.length - 1] * 1.2);
    }

    /** Returns a plot of curves over epochs, on a logarithmic axis. */
    static XYPlot plot(String unit, XYSeriesCollection dataset, XYLineAndShapeRenderer renderer) {
        NumberAxis epochs = new NumberAxis("epoch");
        epochs.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
        epochs.setAutoRangeIncludesZero(false);
        LogAxis losses = new OneTwoFive(unit);
        losses.setSmallestValue(1e-9);
        return new XYPlot(dataset, epochs, losses, renderer);
    }

    /** Returns losses over their numbers, from 1. */
    static XYSeries series(String name, double[] losses) {
        XYSeries series = new XYSeries(name);
        for (int i = 0; i < losses.length; i++) series.add(i + 1, losses[i]);
        return series;
    }

    private static void add(
            XYSeriesCollection dataset,
            XYLineAndShapeRenderer renderer,
            String name,
            double[] losses,
            int colour,
            boolean training) {
        int index = dataset.getSeriesCount();
        dataset.addSeries(series(name, losses));
        renderer.setSeriesPaint(index, Palette.line(colour));
        renderer.setSeriesShape(index, Palette.mark(colour, 10));
        renderer.setSeriesShapesFilled(index, training);
        renderer.setSeriesStroke(index, training ? SOLID : DASHED);
    }

    /**
     * A logarithmic axis with ticks at 1, 2 and 5 of each power of ten, or at all digits where these are few; LogAxis
     * alone writes 0.0794 and 0.0631.
     */
    private static final class OneTwoFive extends LogAxis {
        OneTwoFive(String label) {
            super(label);
        }

        @Override
        protected List<NumberTick> refreshTicksVertical(Graphics2D graphics, Rectangle2D area, RectangleEdge edge) {
            List<NumberTick> few = ticks(1, 2, 5);
            return few.size() > 2 ? few : ticks(1, 2, 3, 4, 5, 6, 7, 8, 9);
        }

        private List<NumberTick> ticks(int... digits) {
            List<NumberTick> ticks = new ArrayList<>();
            for (int power = (int) Math.floor(Math.log10(getLowerBound()));
                    power <= Math.log10(getUpperBound());
                    power++) {
                for (int digit : digits) {
                    BigDecimal value = BigDecimal.valueOf(digit).scaleByPowerOfTen(power);
                    if (getRange().contains(value.doubleValue())) {
                        ticks.add(new NumberTick(
                                value.doubleValue(),
                                value.toPlainString(),
                                TextAnchor.CENTER_RIGHT,
                                TextAnchor.CENTER_RIGHT,
                                0));
                    }
                }
            }
            return ticks;
        }
    }
}
