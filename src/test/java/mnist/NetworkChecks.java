package mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import libtorch.data.Batch;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What must hold of every network. */
public final class NetworkChecks {
    private NetworkChecks() {}

    /** A layer of a network and the shape it gives, without the batch. */
    public record Layer(String name, UnaryOperator<Tensor> function, long... shape) {}

    /** Runs an input through the layers one by one and compares each shape; returns the last output. */
    public static Tensor assertShapes(Tensor input, List<Layer> layers) {
        Tensor x = input;
        for (Layer layer : layers) {
            x = layer.function.apply(x);
            long[] expected = new long[layer.shape.length + 1];
            expected[0] = input.size(0);
            System.arraycopy(layer.shape, 0, expected, 1, layer.shape.length);
            assertArrayEquals(expected, x.shape(), layer.name);
        }
        return x;
    }

    /** The parameters and their shapes, as "conv1.weight [4, 1, 3, 3]". */
    public static List<String> parameters(Network network) {
        List<String> names = new ArrayList<>();
        StringTensorDict parameters = network.named_parameters();
        for (long i = 0; i < parameters.size(); i++) {
            names.add(parameters.get(i).key().getString() + " "
                    + java.util.Arrays.toString(parameters.get(i).value().shape()));
        }
        return names;
    }

    public static void assertGradientReachesEveryParameter(Network network, BinaryOperator<Tensor> loss, Batch batch) {
        loss.apply(network.forward(batch.inputs()), batch.targets()).backward();
        StringTensorDict parameters = network.named_parameters();
        for (long i = 0; i < parameters.size(); i++) {
            Tensor gradient = parameters.get(i).value().grad();
            String name = parameters.get(i).key().getString();
            assertTrue(gradient.defined(), name + " has no gradient");
            assertTrue(gradient.abs().sum().item_double() > 0, name + " has a gradient of zero");
        }
    }

    /** Trains on one batch over and over, and returns the last loss as a share of the first. */
    public static double shareOfLossLeft(
            Network network, BinaryOperator<Tensor> loss, Batch batch, int steps, double lr) {
        Adam optimizer = new Adam(network.parameters(), new AdamOptions(lr));
        double first =
                loss.apply(network.forward(batch.inputs()), batch.targets()).item_double();
        double last = first;
        for (int i = 0; i < steps; i++) {
            optimizer.zero_grad();
            Tensor batchLoss = loss.apply(network.forward(batch.inputs()), batch.targets());
            batchLoss.backward();
            optimizer.step();
            last = batchLoss.item_double();
        }
        return last / first;
    }

    public static void assertEqualTensors(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        assertEquals(0, expected.sub(actual).abs().max().item_double());
        assertTrue(torch.equal(expected, actual));
    }
}
