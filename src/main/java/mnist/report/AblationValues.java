package mnist.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;
import mnist.figures.Figure;
import mnist.figures.LinePlot;
import mnist.prob6.Ablations;

/** The networks that were retrained with other codes and connections, and the comparisons of them in the text. */
public record AblationValues(Ablations.Results results) {
    /** A retrained network. */
    public record Network(Ablations.Ablated ablated) {
        public Sample testLoss() {
            return sample(Ablations.Result::testLoss);
        }

        public Sample shuffled() {
            return sample(Ablations.Result::shuffledCodesLoss);
        }

        public Sample neighbours() {
            return sample(Ablations.Result::nearestNeighbourAccuracy);
        }

        public int codeWidth() {
            return ablated.codeWidth();
        }

        private Sample sample(ToDoubleFunction<Ablations.Result> value) {
            return Sample.of(ablated.seeds(), value);
        }

        /** Compares the test loss on codes of other images with that on the network's own. */
        public Comparison codes() {
            return Comparison.ofLosses(shuffled(), testLoss());
        }

        /** Compares the test loss with another network's. */
        public Comparison versus(Network other) {
            return Comparison.ofLosses(testLoss(), other.testLoss());
        }

        /** Returns whether the losses vary by more than half their mean. */
        public boolean isVaried() {
            return testLoss().std() > testLoss().mean() / 2;
        }
    }

    public double option(String name) {
        return results.options().get(name).getAsDouble();
    }

    public boolean hasOption(String name) {
        return results.options().has(name);
    }

    public int seeds() {
        return none().ablated.seeds().size();
    }

    public Network none() {
        return network("width-2");
    }

    public Network pool1() {
        return network("skip-pool1");
    }

    public Network pool2() {
        return network("skip-pool2");
    }

    public Network both() {
        return network("skip-both");
    }

    private Network network(String name) {
        return new Network(results.network(name));
    }

    /** Returns the networks without connections, by the width of their code. */
    public List<Network> widths() {
        return results.networks().stream()
                .filter(network -> !network.skipPool1() && !network.skipPool2())
                .map(Network::new)
                .toList();
    }

    /** Draws the error over the width of the code. */
    Figure figure() {
        List<double[]> seeds = IntStream.range(0, seeds())
                .mapToObj(seed -> widths().stream()
                        .mapToDouble(network -> network.testLoss().values()[seed])
                        .toArray())
                .toList();
        return LinePlot.labelled(
                "plain with wider codes: test loss",
                "numbers in the code",
                "MSE per pixel (log scale)",
                widths().stream()
                        .map(network -> String.valueOf(network.codeWidth()))
                        .toList(),
                new LinePlot.Line("plain", seeds));
    }
}
