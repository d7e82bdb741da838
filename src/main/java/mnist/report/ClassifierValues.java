package mnist.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.Sample;
import mnist.prob4.FilterEdge;
import mnist.prob4.Prob4;

/** The classifier of problem 4: quantities over its seeds, and the network of the first seed, which is shown. */
public record ClassifierValues(FinishedRun<Prob4.Metrics> run) {
    /** How many of a digit's images are recognized. */
    public record Recall(int digit, double share) {}

    /** A filter that is an edge detector, by its number from 1. */
    public record Detector(int number, FilterEdge edge) {}

    /** Returns whether the classifier was trained as the exercise's code does. */
    public boolean isAsProvided() {
        return run.record().epochs().size() == 5
                && !run.hasOption("trainSize")
                && run.option("batchSize") == 64
                && run.option("lr") == 0.01
                && run.option("momentum") == 0.5;
    }

    public Sample testLoss() {
        return run.measured(Prob4.Metrics::testLoss);
    }

    public Sample accuracy() {
        return run.measured(Prob4.Metrics::accuracy);
    }

    /** Returns the confusion matrix that is shown. */
    public ConfusionMatrix matrix() {
        return new ConfusionMatrix(run.metrics().confusion());
    }

    /** Returns the digits that occur, the one with the lowest recall first. */
    public List<Recall> recalls() {
        ConfusionMatrix matrix = matrix();
        return IntStream.range(0, matrix.counts().length)
                .filter(digit -> matrix.size(digit) > 0)
                .mapToObj(digit -> new Recall(digit, matrix.recall(digit)))
                .sorted(Comparator.comparingDouble(Recall::share))
                .toList();
    }

    public Confusions confusions() {
        return new Confusions(
                run.seeds().stream().map(seed -> seed.metrics().confusion()).toList());
    }

    /** Returns the share of its weights' variance that an edge explains, in the mean over a network's filters. */
    public Sample edgeShare() {
        return run.measured(m -> Sample.of(m.edges(), FilterEdge::share).mean());
    }

    /** Returns how many filters of a network are edge detectors. */
    public Sample detectors() {
        return run.measured(
                m -> m.edges().stream().filter(FilterEdge::isDetector).count());
    }

    /** Returns half the width of the 95 % interval of their mean; NaN of one seed. */
    public double detectorsMargin() {
        return detectors().margin(0.95);
    }

    /** Returns the edge detectors of the network that is shown, the clearest first. */
    public List<Detector> shownDetectors() {
        List<FilterEdge> edges = run.metrics().edges();
        return IntStream.range(0, edges.size())
                .filter(i -> edges.get(i).isDetector())
                .mapToObj(i -> new Detector(i + 1, edges.get(i)))
                .sorted(Comparator.comparingDouble(detector -> -detector.edge.share()))
                .toList();
    }
}
