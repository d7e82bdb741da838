package mnist.prob3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import libtorch.LibTorchException;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigmoidNetworkTest implements UsesLibTorch {
    @Test
    void oneNeuronByHand() {
        // z = 2·1 - 2 = 0, a = 1/2, y = 1: C = ln 2, δ = a - y = -1/2, ∂C/∂w = -1/2 · 1, ∂C/∂b = -1/2
        SigmoidNetwork.Pass pass = new SigmoidNetwork(
                        "",
                        new double[] {1},
                        new double[] {1},
                        List.<double[][]>of(new double[][] {{2}}),
                        List.of(new double[] {-2}))
                .backpropagate();
        assertEquals(Math.log(2), pass.cost(), 1e-15);
        assertArrayEquals(new double[] {-0.5}, pass.delta().get(0));
        assertArrayEquals(new double[] {-0.5}, pass.weightGradients().get(0)[0]);
    }

    @Test
    void theExampleIsReadAndItsForwardPassIsRight() {
        // by hand: z = 0.15·0.05 + 0.20·0.10 + 0.35 = 0.3775, σ(0.3775) = 0.593270
        SigmoidNetwork.Pass pass =
                SigmoidNetwork.read(Path.of("docs/prob3.properties")).backpropagate();
        assertEquals(0.3775, pass.z().get(0)[0], 1e-12);
        assertEquals(0.593269992, pass.a().get(0)[0], 1e-9);
        assertEquals(0.751365070, pass.a().get(1)[0], 1e-9);
        assertEquals(0.741365070, pass.delta().get(1)[0], 1e-9);
    }

    @Test
    void derivativesAgreeWithAutogradForDeepAndUnevenNetworks() {
        Random random = new Random(1);
        int[] widths = {3, 5, 2, 4};
        java.util.ArrayList<double[][]> weights = new java.util.ArrayList<>();
        java.util.ArrayList<double[]> biases = new java.util.ArrayList<>();
        for (int l = 1; l < widths.length; l++) {
            double[][] matrix = new double[widths[l]][widths[l - 1]];
            for (double[] row : matrix) java.util.Arrays.setAll(row, i -> random.nextGaussian());
            weights.add(matrix);
            biases.add(random.doubles(widths[l]).toArray());
        }
        SigmoidNetwork network = new SigmoidNetwork(
                "", random.doubles(3).toArray(), random.doubles(4).toArray(), weights, biases);
        SigmoidNetwork.Pass pass = network.backpropagate();
        assertTrue(Prob3.differenceToAutograd(network, pass) < 1e-14);
        pass.weightGradients().get(0)[1][2] += 1e-6; // so the comparison can fail
        assertTrue(Prob3.differenceToAutograd(network, pass) > 0.9e-6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "inputs = 1                                                                        | targets is missing",
                "inputs = 1 x\\ntargets = 1                                                        | inputs is not a list of numbers: 1 x",
                "inputs = 1 NaN\\ntargets = 1                                                      | inputs is not a list of numbers: 1 NaN",
                "inputs = 1\\ntargets = 1                                                          | weights.1 is missing",
                "inputs = 1\\ntargets = 1\\nweights.1 = 1 2\\nbiases.1 = 0                         | weights.1 has a row of 2 numbers, but 1 neurons come before",
                "inputs = 1\\ntargets = 1\\nweights.1 = 1; 2\\nbiases.1 = 0                        | biases.1 has 1 numbers, but weights.1 has 2 rows",
                "inputs = 1\\ntargets = 1 0\\nweights.1 = 1\\nbiases.1 = 0                         | targets has 2 numbers, but the last layer 1 neurons",
                "inputs = 1\\ntargets = 2\\nweights.1 = 1\\nbiases.1 = 0                           | targets has 2.0, which is not from 0 to 1"
            })
    void whatDoesNotFitIsSaid(String text, String reason, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("network.properties"), text.replace("\\n", "\n"));
        assertEquals(
                "in " + file + ", " + reason + "; see docs/prob3.properties for an example",
                assertThrows(LibTorchException.class, () -> SigmoidNetwork.read(file))
                        .getMessage());
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertEquals(
                "cannot read nowhere (no such file or folder); name a file like docs/prob3.properties",
                assertThrows(LibTorchException.class, () -> SigmoidNetwork.read(Path.of("nowhere")))
                        .getMessage());
    }
}
