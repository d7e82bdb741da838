package mnist.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import mnist.evaluation.Comparison;
import mnist.evaluation.Sample;
import mnist.figures.Figure;
import mnist.figures.Plots;
import mnist.study.Ablations;
import mnist.study.Ablations.Ablated;
import mnist.study.Ablations.Result;

/** The networks that were retrained with other codes and connections. */
public record AblationValues(Ablations.Results results) {
    /**
     * A retrained network.
     *
     * @param shuffled test loss where each image is decoded with the code of another
     */
    public record Network(int codeWidth, Sample testLoss, Sample shuffled, Sample neighbours) {
        static Network of(Ablated ablated) {
            return new Network(
                    ablated.codeWidth(),
                    sample(ablated, Result::testLoss),
                    sample(ablated, Result::shuffledCodesLoss),
                    sample(
                            ablated,
                            r -> r.nearestNeighbourAccuracy() == null ? Double.NaN : r.nearestNeighbourAccuracy()));
        }

        private static Sample sample(Ablated ablated, ToDoubleFunction<Result> value) {
            return Sample.of(ablated.seeds(), Result::seed, value);
        }

        /** Compares the test loss with another network's. */
        public Comparison versus(Network other) {
            return Comparison.ofLosses(testLoss, other.testLoss);
        }

        /** Compares the test loss on codes of other images with that on the network's own. */
        public Comparison codes() {
            return Comparison.ofLosses(shuffled, testLoss);
        }
    }

    public double option(String name) {
        return results.options().get(name).getAsDouble();
    }

    public boolean hasOption(String name) {
        return results.options().has(name);
    }

    public Network network(String name) {
        return Network.of(results.network(name));
    }

    /** Returns the networks without connections, by the width of their code. */
    public List<Network> widths() {
        return results.networks().stream()
                .filter(network -> !network.skipPool1() && !network.skipPool2())
                .map(Network::of)
                .toList();
    }

    /** Returns how many seeds each network was trained with. */
    public int seeds() {
        return results.networks().get(0).seeds().size();
    }

    /** Draws the error over the width of the code. */
    Figure figure() {
        List<double[]> seeds = IntStream.range(0, seeds())
                .mapToObj(seed -> widths().stream()
                        .mapToDouble(network -> network.testLoss.values()[seed])
                        .toArray())
                .toList();
        return Plots.labelled(
                "plain with wider codes: test loss",
                "numbers in the code",
                "MSE per pixel (log scale)",
                widths().stream()
                        .map(network -> String.valueOf(network.codeWidth))
                        .toList(),
                new Plots.Line("plain", seeds));
    }
}
