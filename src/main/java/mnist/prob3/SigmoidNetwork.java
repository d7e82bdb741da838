package mnist.prob3;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import libtorch.AtomicFile;
import mnist.system.UserError;

/**
 * A network of sigmoid neurons with one training example, as problem 3.3 draws it.
 *
 * @param origin source of the numbers
 * @param inputs of the example
 * @param targets of the example, each from 0 to 1
 * @param weights for each layer after the inputs: a row per neuron, a column per neuron of the layer before
 * @param biases for each layer after the inputs: one per neuron
 */
public record SigmoidNetwork(
        String origin, double[] inputs, double[] targets, List<double[][]> weights, List<double[]> biases) {
    /**
     * The intermediate values of backpropagation, for each layer after the inputs.
     *
     * @param z weighted inputs
     * @param a activations
     * @param delta errors, ∂C/∂z, which are ∂C/∂b too
     * @param weightGradients ∂C/∂w
     */
    public record Pass(
            double cost, List<double[]> z, List<double[]> a, List<double[]> delta, List<double[][]> weightGradients) {}

    /** Computes the forward and the backward pass. */
    public Pass backpropagate() {
        int layers = weights.size();
        List<double[]> z = new ArrayList<>();
        List<double[]> a = new ArrayList<>();
        double[] before = inputs;
        for (int l = 0; l < layers; l++) {
            z.add(plus(times(weights.get(l), before), biases.get(l)));
            before = Arrays.stream(z.get(l)).map(SigmoidNetwork::sigmoid).toArray();
            a.add(before);
        }
        List<double[]> delta = new ArrayList<>(a); // overwritten below, from the last layer to the first
        List<double[][]> gradients = new ArrayList<>(weights);
        for (int l = layers - 1; l >= 0; l--) {
            double[] error = new double[a.get(l).length];
            for (int j = 0; j < error.length; j++) {
                double activation = a.get(l)[j];
                if (l == layers - 1) {
                    error[j] = activation - targets[j]; // cross-entropy cancels σ'
                } else {
                    for (int k = 0; k < delta.get(l + 1).length; k++)
                        error[j] += weights.get(l + 1)[k][j] * delta.get(l + 1)[k];
                    error[j] *= activation * (1 - activation);
                }
            }
            delta.set(l, error);
            gradients.set(l, outer(error, l == 0 ? inputs : a.get(l - 1)));
        }
        return new Pass(crossEntropy(a.get(layers - 1)), z, a, delta, gradients);
    }

    /** Returns the network after a step of gradient descent. */
    public SigmoidNetwork after(Pass pass, double rate) {
        List<double[][]> moved = new ArrayList<>();
        List<double[]> shifted = new ArrayList<>();
        for (int l = 0; l < weights.size(); l++) {
            double[][] gradients = pass.weightGradients.get(l);
            double[][] rows = new double[gradients.length][];
            for (int j = 0; j < rows.length; j++) rows[j] = step(weights.get(l)[j], gradients[j], rate);
            moved.add(rows);
            shifted.add(step(biases.get(l), pass.delta.get(l), rate));
        }
        return new SigmoidNetwork(origin, inputs, targets, moved, shifted);
    }

    private static double[] step(double[] from, double[] gradient, double rate) {
        return plus(from, Arrays.stream(gradient).map(g -> -rate * g).toArray());
    }

    private double crossEntropy(double[] outputs) {
        double cost = 0;
        for (int j = 0; j < outputs.length; j++)
            cost -= targets[j] * Math.log(outputs[j]) + (1 - targets[j]) * Math.log1p(-outputs[j]);
        return cost;
    }

    static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double[] times(double[][] matrix, double[] vector) {
        double[] product = new double[matrix.length];
        for (int j = 0; j < matrix.length; j++)
            for (int k = 0; k < vector.length; k++) product[j] += matrix[j][k] * vector[k];
        return product;
    }

    private static double[] plus(double[] left, double[] right) {
        double[] sum = left.clone();
        for (int j = 0; j < sum.length; j++) sum[j] += right[j];
        return sum;
    }

    private static double[][] outer(double[] left, double[] right) {
        double[][] product = new double[left.length][right.length];
        for (int j = 0; j < left.length; j++) for (int k = 0; k < right.length; k++) product[j][k] = left[j] * right[k];
        return product;
    }

    /**
     * Reads a network: {@code origin}, {@code inputs}, {@code targets}, {@code weights.1}, {@code biases.1} and so on.
     * Numbers are separated by commas or spaces, rows of weights by semicolons.
     *
     * @throws UserError if a value is missing, not a number, or of another size than the rest
     */
    public static SigmoidNetwork read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof IOException io ? AtomicFile.reason(io) : e.getMessage();
            throw new UserError(
                    "cannot read " + file + " (" + reason + ")", "name a file like docs/prob3.properties", e);
        }
        double[] inputs = numbers(file, "inputs", properties.getProperty("inputs"));
        double[] targets = numbers(file, "targets", properties.getProperty("targets"));
        List<double[][]> weights = new ArrayList<>();
        List<double[]> biases = new ArrayList<>();
        int width = inputs.length;
        for (int l = 1; l == 1 || properties.containsKey("weights." + l); l++) {
            String name = "weights." + l;
            String rows = properties.getProperty(name, "");
            double[][] matrix = Arrays.stream(rows.split(";"))
                    .map(row -> numbers(file, name, row))
                    .toArray(double[][]::new);
            double[] bias = numbers(file, "biases." + l, properties.getProperty("biases." + l));
            for (double[] row : matrix) {
                if (row.length != width)
                    throw wrong(
                            file,
                            name + " has a row of " + row.length + " numbers, but " + width + " neurons come before");
            }
            if (bias.length != matrix.length)
                throw wrong(
                        file,
                        "biases." + l + " has " + bias.length + " numbers, but weights." + l + " has " + matrix.length
                                + " rows");
            weights.add(matrix);
            biases.add(bias);
            width = matrix.length;
        }
        if (targets.length != width)
            throw wrong(file, "targets has " + targets.length + " numbers, but the last layer " + width + " neurons");
        for (double target : targets)
            if (target < 0 || target > 1) throw wrong(file, "targets has " + target + ", which is not from 0 to 1");
        return new SigmoidNetwork(
                properties.getProperty("origin", "no origin given").strip(), inputs, targets, weights, biases);
    }

    private static double[] numbers(Path file, String name, String text) {
        if (text == null || text.isBlank()) throw wrong(file, name + " is missing");
        try {
            double[] numbers = Arrays.stream(text.strip().split("[,\\s]+"))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            if (Arrays.stream(numbers).allMatch(Double::isFinite)) return numbers;
        } catch (NumberFormatException e) {
            // reported below
        }
        throw wrong(file, name + " is not a list of numbers: " + text.strip());
    }

    private static UserError wrong(Path file, String what) {
        return new UserError("in " + file + ", " + what, "see docs/prob3.properties for an example");
    }
}
