package mnist.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mnist.prob3.Prob3;
import mnist.prob3.SigmoidNetwork;

/** Problem 3.3 written out: a table of all neurons, and two errors with their numbers put in. */
final class BackpropagationValues {
    private BackpropagationValues() {}

    /** Returns the template's values. */
    static Map<String, Object> values(SigmoidNetwork sigmoid) {
        SigmoidNetwork.Pass pass = sigmoid.backpropagate();
        List<Map<String, Object>> neurons = new ArrayList<>();
        int layers = pass.z().size();
        for (int l = 0; l < layers; l++) {
            for (int j = 0; j < pass.z().get(l).length; j++) {
                neurons.add(Map.of(
                        "neuron",
                        name(l, layers) + (j + 1),
                        "weights",
                        plain(sigmoid.weights().get(l)[j]),
                        "bias",
                        plain(sigmoid.biases().get(l)[j]),
                        "z",
                        precise(pass.z().get(l)[j]),
                        "a",
                        precise(pass.a().get(l)[j]),
                        "delta",
                        precise(pass.delta().get(l)[j]),
                        "gradient",
                        precise(pass.weightGradients().get(l)[j])));
            }
        }
        return Map.of(
                "errors",
                outputError(sigmoid, pass) + (layers == 1 ? "" : hiddenError(sigmoid, pass)),
                "origin",
                sigmoid.origin(),
                "inputs",
                plain(sigmoid.inputs()),
                "targets",
                plain(sigmoid.targets()),
                "cost",
                precise(pass.cost()),
                "difference",
                power(Prob3.differenceToAutograd(sigmoid, pass)),
                "neurons",
                neurons);
    }

    /** Names a layer's neurons as the exercise does: h and o; with more layers between, h2. and so on. */
    private static String name(int layer, int layers) {
        return layer == layers - 1 ? "o" : layers == 2 ? "h" : "h" + (layer + 1) + ".";
    }

    /** Writes out the error of the first output neuron, as LaTeX. */
    private static String outputError(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        int last = pass.a().size() - 1;
        return String.format(
                "\\[\\delta_{o1} = a_{o1} - y_1 = %.6f - %s = %.6f\\]",
                pass.a().get(last)[0], plain(sigmoid.targets()[0]), pass.delta().get(last)[0]);
    }

    /** Writes out the error of the first neuron of the layer before the outputs, as LaTeX. */
    private static String hiddenError(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        int hidden = pass.a().size() - 2;
        double[] errors = pass.delta().get(hidden + 1);
        String sum = IntStream.range(0, errors.length)
                .mapToObj(k -> String.format(
                        "%s \\cdot (%.6f)", plain(sigmoid.weights().get(hidden + 1)[k][0]), errors[k]))
                .collect(Collectors.joining(" + "));
        return String.format(
                "\\[\\delta_{%s1} = (%s) \\cdot %.6f\\,(1 - %.6f) = %.6f\\]",
                name(hidden, pass.a().size()),
                sum,
                pass.a().get(hidden)[0],
                pass.a().get(hidden)[0],
                pass.delta().get(hidden)[0]);
    }

    private static String plain(double... numbers) {
        return Arrays.stream(numbers).mapToObj(ReportValues::number).collect(Collectors.joining(", "));
    }

    private static String precise(double... numbers) {
        return Arrays.stream(numbers)
                .mapToObj(number -> Words.number(number, 6))
                .collect(Collectors.joining(", "));
    }

    /** Writes a small number as LaTeX: 2 · 10⁻¹⁶. */
    private static String power(double value) {
        return String.format("%.0e", value).replaceAll("(.)e([-+])0*(\\d+)", "$1 \\\\cdot 10^{$2$3}");
    }
}
