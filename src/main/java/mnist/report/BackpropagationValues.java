package mnist.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import mnist.figures.Figure;
import mnist.figures.NetworkDiagram;
import mnist.prob3.Prob3;
import mnist.prob3.SigmoidNetwork;

/** Problem 3.3 written out: a diagram, a table of all neurons, every error and two derivatives with their numbers put in. */
final class BackpropagationValues {
    private BackpropagationValues() {}

    /** Returns the template's values. */
    static Map<String, Object> values(SigmoidNetwork sigmoid, BiFunction<Figure, String, Object> figures) {
        SigmoidNetwork.Pass pass = sigmoid.backpropagate();
        List<Map<String, Object>> neurons = new ArrayList<>();
        int layers = pass.z().size();
        for (int l = 0; l < layers; l++) {
            for (int j = 0; j < pass.z().get(l).length; j++) {
                neurons.add(Map.of(
                        "neuron",
                        String.format("<i>%s</i><sub>%d</sub>", name(l, layers), j + 1),
                        "weights",
                        plain(sigmoid.weights().get(l)[j]).replace('-', '−'),
                        "bias",
                        plain(sigmoid.biases().get(l)[j]).replace('-', '−'),
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
        List<String> names =
                IntStream.range(0, layers).mapToObj(l -> name(l, layers)).toList();
        Figure diagram = new NetworkDiagram(
                        sigmoid.inputs(), sigmoid.targets(), sigmoid.weights(), sigmoid.biases(), names)
                .figure();
        return Map.of(
                "errors",
                errors(sigmoid, pass),
                "gradients",
                gradients(sigmoid, pass),
                "origin",
                sigmoid.origin(),
                "diagram",
                figures.apply(
                        diagram,
                        "The network: \\(w_{jk}^l\\) is the weight from neuron \\(k\\) of layer \\(l - 1\\) to neuron \\(j\\) of layer \\(l\\); the inputs are layer 1."),
                "last",
                layers + 1,
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

    /** Names a layer's neurons as the exercise does: h and o; with more layers between, g, h and so on. */
    private static String name(int layer, int layers) {
        return layer == layers - 1 ? "o" : String.valueOf((char) ('h' - (layers - 2 - layer)));
    }

    /** Writes out every error, from the last layer to the first, as LaTeX. */
    private static String errors(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        StringBuilder latex = new StringBuilder();
        int last = pass.a().size() - 1;
        for (int l = last; l >= 0; l--) {
            for (int j = 0; j < pass.a().get(l).length; j++) {
                double a = pass.a().get(l)[j];
                String right = l == last
                        ? String.format(
                                "a_{%d}^{%d} - y_{%1$d} = %.6f - %s", j + 1, l + 2, a, plain(sigmoid.targets()[j]))
                        : String.format("%s \\cdot %.6f\\,(1 - %2$.6f)", sum(sigmoid, pass, l + 1, j), a);
                latex.append(String.format(
                        "\\[\\delta_{%d}^{%d} = %s = %.6f\\]%n",
                        j + 1, l + 2, right, pass.delta().get(l)[j]));
            }
        }
        return latex.toString();
    }

    /** Writes out the sum over a layer of its errors times its weights from one neuron of the layer before. */
    private static String sum(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass, int layer, int from) {
        double[] errors = pass.delta().get(layer);
        return IntStream.range(0, errors.length)
                .mapToObj(k -> inParentheses(
                                sigmoid.weights().get(layer)[k][from],
                                plain(sigmoid.weights().get(layer)[k][from]))
                        + " \\cdot "
                        + inParentheses(errors[k], String.format("%.6f", errors[k])))
                .collect(Collectors.joining(" + ", "(", ")"));
    }

    private static String inParentheses(double value, String text) {
        return value < 0 ? "(" + text + ")" : text;
    }

    /** Writes out the derivative with respect to the first weight of each layer, as LaTeX. */
    private static String gradients(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        StringBuilder latex = new StringBuilder();
        for (int l = pass.a().size() - 1; l >= 0; l--) {
            double before = l == 0 ? sigmoid.inputs()[0] : pass.a().get(l - 1)[0];
            latex.append(String.format(
                    "\\[\\frac{\\partial C}{\\partial w_{11}^{%d}} = a_1^{%d}\\,\\delta_1^{%1$d} = %s \\cdot %s = %.6f\\]%n",
                    l + 2,
                    l + 1,
                    l == 0 ? plain(before) : String.format("%.6f", before),
                    inParentheses(
                            pass.delta().get(l)[0],
                            String.format("%.6f", pass.delta().get(l)[0])),
                    pass.weightGradients().get(l)[0][0]));
        }
        return latex.toString();
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
