package mnist.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import mnist.figures.Figure;
import mnist.figures.NetworkDiagram;
import mnist.prob3.Prob3;
import mnist.prob3.SigmoidNetwork;

/** Problem 3.3 written out: a diagram, a table of all neurons, the forward pass, every error and derivative with their numbers put in. */
final class BackpropagationValues {
    private static final double RATE = 0.5; // of the example of a step

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
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("origin", sigmoid.origin());
        values.put("inputs", plain(sigmoid.inputs()));
        values.put("targets", plain(sigmoid.targets()));
        values.put("last", layers + 1);
        values.put(
                "diagram",
                figures.apply(
                        diagram,
                        "The network: \\(w_{jk}^l\\) is the weight from neuron \\(k\\) of layer \\(l - 1\\) to neuron \\(j\\) of layer \\(l\\); the inputs are layer 1."));
        values.put("forward", forward(sigmoid, pass));
        values.put("cost", cost(sigmoid, pass));
        values.put("errors", errors(sigmoid, pass));
        values.put("gradients", gradients(sigmoid, pass));
        values.put("step", step(sigmoid, pass));
        values.put("neurons", neurons);
        values.put("difference", power(Prob3.differenceToAutograd(sigmoid, pass)));
        return values;
    }

    /** Names a layer's neurons as the exercise does: h and o; with more layers between, g, h and so on. */
    private static String name(int layer, int layers) {
        return layer == layers - 1 ? "o" : String.valueOf((char) ('h' - (layers - 2 - layer)));
    }

    /** Writes out the forward pass of the first neuron of each layer, as LaTeX. */
    private static String forward(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        StringBuilder latex = new StringBuilder();
        for (int l = 0; l < pass.z().size(); l++) {
            double[] weights = sigmoid.weights().get(l)[0];
            double[] before = before(sigmoid, pass, l);
            boolean given = l == 0;
            String sum = IntStream.range(0, weights.length)
                    .mapToObj(k -> plain(weights[k]) + " \\cdot "
                            + (given ? plain(before[k]) : String.format("%.6f", before[k])))
                    .collect(Collectors.joining(" + "));
            latex.append(String.format(
                    "\\[z_1^{%d} = %s + %s = %.6f , \\qquad a_1^{%1$d} = \\sigma(z_1^{%1$d}) = %.6f\\]%n",
                    l + 2,
                    sum.replace("+ -", "- "),
                    plain(sigmoid.biases().get(l)[0]),
                    pass.z().get(l)[0],
                    pass.a().get(l)[0]));
        }
        return latex.toString();
    }

    /** Returns what a layer of neurons is given. */
    private static double[] before(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass, int layer) {
        return layer == 0 ? sigmoid.inputs() : pass.a().get(layer - 1);
    }

    /** Writes out the cost, as LaTeX. */
    private static String cost(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        double[] outputs = pass.a().get(pass.a().size() - 1);
        double[] targets = sigmoid.targets();
        String terms = IntStream.range(0, outputs.length)
                .mapToObj(j -> String.format(
                        "[ %s \\ln %.6f + %s \\ln (1 - %2$.6f) ]",
                        plain(targets[j]), outputs[j], plain(Math.rint(1e12 * (1 - targets[j])) / 1e12)))
                .collect(Collectors.joining(" \\\\ &\\quad - "));
        return String.format("\\[\\begin{aligned} C &= -%s = %.6f \\end{aligned}\\]", terms, pass.cost());
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

    /** Says what a step of gradient descent changes, with the first weight of the last layer as an example. */
    private static String step(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        int last = pass.a().size() - 1;
        double weight = sigmoid.weights().get(last)[0][0];
        double derivative = pass.weightGradients().get(last)[0][0];
        return String.format(
                "With \\(\\eta = %s\\), for example, \\(w_{11}^{%d}\\) becomes \\(%s - %1$s \\cdot %s = %.6f\\), and when all weights and biases have been changed, the cost is %.6f.",
                plain(RATE),
                last + 2,
                plain(weight),
                inParentheses(derivative, String.format("%.6f", derivative)),
                weight - RATE * derivative,
                sigmoid.after(pass, RATE).backpropagate().cost());
    }

    /** Writes out the derivatives with respect to the weights of each layer, a row a neuron, as LaTeX. */
    private static String gradients(SigmoidNetwork sigmoid, SigmoidNetwork.Pass pass) {
        StringBuilder latex = new StringBuilder();
        for (int l = pass.a().size() - 1; l >= 0; l--) {
            double[][] column = DoubleStream.of(pass.delta().get(l))
                    .mapToObj(delta -> new double[] {delta})
                    .toArray(double[][]::new);
            latex.append(String.format(
                    "\\[\\frac{\\partial C}{\\partial w^{%d}} = \\delta^{%1$d} (a^{%d})^T = %s %s = %s\\]%n",
                    l + 2,
                    l + 1,
                    matrix(column),
                    matrix(before(sigmoid, pass, l)),
                    matrix(pass.weightGradients().get(l))));
        }
        return latex.toString();
    }

    private static String matrix(double[]... rows) {
        return Arrays.stream(rows)
                .map(row -> Arrays.stream(row)
                        .mapToObj(number -> String.format("%.6f", number))
                        .collect(Collectors.joining(" & ")))
                .collect(Collectors.joining(" \\\\ ", "\\begin{pmatrix} ", " \\end{pmatrix}"));
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
