package mnist.report;

import java.util.List;
import java.util.stream.IntStream;
import mnist.figures.Figure;
import mnist.figures.NetworkDiagram;
import mnist.prob3.Prob3;
import mnist.prob3.SigmoidNetwork;

/**
 * Problem 3.3: one iteration of backpropagation.
 *
 * @param difference largest difference from a derivative by autograd
 */
public record Backpropagation(SigmoidNetwork network, SigmoidNetwork.Pass pass, double difference) {
    static Backpropagation of(SigmoidNetwork network) {
        SigmoidNetwork.Pass pass = network.backpropagate();
        return new Backpropagation(network, pass, Prob3.differenceToAutograd(network, pass));
    }

    /**
     * Returns the letters of the layers' neurons, h and o as in the exercise; with more hidden layers g, h and so on.
     */
    public List<String> names() {
        int layers = pass.z().size();
        return IntStream.range(0, layers)
                .mapToObj(l -> l == layers - 1 ? "o" : String.valueOf((char) ('h' - (layers - 2 - l))))
                .toList();
    }

    Figure figure() {
        return new NetworkDiagram(network.inputs(), network.targets(), network.weights(), network.biases(), names())
                .figure();
    }
}
