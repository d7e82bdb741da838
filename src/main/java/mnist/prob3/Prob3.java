package mnist.prob3;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import libtorch.LibTorch;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Problem 3.3: prints a forward pass and all derivatives by the equations of backpropagation, and checks them with
 * autograd.
 */
@Command(
        name = "prob3",
        description =
                "Backpropagates through a small sigmoid network with cross-entropy, and checks every derivative with autograd.")
public final class Prob3 implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "Weights, biases, inputs and targets (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("docs/prob3.properties");

    @Override
    public Integer call() {
        SigmoidNetwork network = SigmoidNetwork.read(file);
        SigmoidNetwork.Pass pass = network.backpropagate();
        System.out.println(file + ": " + network.origin());
        System.out.println("forward pass");
        for (int l = 0; l < pass.z().size(); l++) {
            System.out.printf(
                    "  layer %d   z = %s   a = %s%n",
                    l + 1, row(pass.z().get(l)), row(pass.a().get(l)));
        }
        System.out.printf("  cross-entropy %.6f%n%nerrors, from the last layer to the first%n", pass.cost());
        for (int l = pass.delta().size() - 1; l >= 0; l--)
            System.out.printf("  layer %d   δ = %s%n", l + 1, row(pass.delta().get(l)));
        System.out.printf("%nderivatives, a row a neuron%n");
        for (int l = 0; l < pass.delta().size(); l++) {
            for (int j = 0; j < pass.delta().get(l).length; j++) {
                System.out.printf(
                        "  layer %d, neuron %d   ∂C/∂w = %s   ∂C/∂b = %9.6f%n",
                        l + 1,
                        j + 1,
                        row(pass.weightGradients().get(l)[j]),
                        pass.delta().get(l)[j]);
            }
        }
        LibTorch.load(1);
        double difference = differenceToAutograd(network, pass);
        System.out.printf("%nlargest difference to autograd: %.1e%n", difference);
        if (difference > 1e-9) throw new IllegalStateException("backpropagation and autograd disagree");
        return 0;
    }

    private static String row(double[] numbers) {
        return Arrays.stream(numbers)
                .mapToObj(number -> String.format("%9.6f", number))
                .collect(Collectors.joining(" "));
    }

    /** Returns the largest difference between a derivative and libtorch's. */
    public static double differenceToAutograd(SigmoidNetwork network, SigmoidNetwork.Pass pass) {
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> weights = new ArrayList<>();
            List<Tensor> biases = new ArrayList<>();
            Tensor a = vector(network.inputs());
            for (int l = 0; l < network.weights().size(); l++) {
                double[][] rows = network.weights().get(l);
                Tensor weight =
                        Tensors.of(flat(rows), rows.length, rows[0].length).set_requires_grad(true);
                Tensor bias = vector(network.biases().get(l)).set_requires_grad(true);
                a = torch.sigmoid(weight.mv(a).add(bias));
                weights.add(weight);
                biases.add(bias);
            }
            Tensor cost = torch.binary_cross_entropy(a, vector(network.targets()), new TensorOptional(), /*sum*/ 2);
            cost.backward();
            double worst = Math.abs(cost.item_double() - pass.cost());
            for (int l = 0; l < weights.size(); l++) {
                double[] gradients = flat(pass.weightGradients().get(l));
                double[] delta = pass.delta().get(l);
                worst = Math.max(worst, difference(weights.get(l).grad(), gradients));
                worst = Math.max(worst, difference(biases.get(l).grad(), delta));
            }
            return worst;
        }
    }

    private static Tensor vector(double[] values) {
        return Tensors.of(values, values.length);
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double difference(Tensor tensor, double[] values) {
        return tensor.view(-1).sub(vector(values)).abs().max().item_double();
    }
}
