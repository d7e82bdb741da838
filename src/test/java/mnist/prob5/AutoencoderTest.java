package mnist.prob5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.nn.Network;
import mnist.NetworkChecks;
import mnist.NetworkChecks.Layer;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class AutoencoderTest implements UsesLibTorch {
    private static Autoencoder seeded() {
        torch.manual_seed(1);
        return new Autoencoder();
    }

    private static Batch batch(int n) {
        Tensor images = UsesLibTorch.sample().train().images(0, n);
        return new Batch(images, images);
    }

    @Test
    void everyLayerGivesItsShapeAndNoNonlinearityTouchesTheEmbedding() {
        Autoencoder n = seeded();
        Tensor x = torch.rand(3, 1, 28, 28);
        Tensor z = NetworkChecks.assertShapes(
                x,
                List.of(
                        new Layer("flatten", h -> h.flatten(1, -1), 784),
                        new Layer("linear1", n.linear1::forward, 256),
                        new Layer("relu", torch::relu, 256),
                        new Layer("linear2", n.linear2::forward, 128),
                        new Layer("relu", torch::relu, 128),
                        new Layer("linear3", n.linear3::forward, 32),
                        new Layer("relu", torch::relu, 32),
                        new Layer("linear4", n.linear4::forward, 2)));
        NetworkChecks.assertEqualTensors(z, n.encode(x));
        Tensor last = NetworkChecks.assertShapes(
                z,
                List.of(
                        new Layer("linear5", n.linear5::forward, 32),
                        new Layer("relu", torch::relu, 32),
                        new Layer("linear6", n.linear6::forward, 128),
                        new Layer("relu", torch::relu, 128),
                        new Layer("linear7", n.linear7::forward, 256),
                        new Layer("relu", torch::relu, 256),
                        new Layer("linear8", n.linear8::forward, 784),
                        new Layer("sigmoid", torch::sigmoid, 784),
                        new Layer("reshape", h -> h.view(-1, 1, 28, 28), 1, 28, 28)));
        NetworkChecks.assertEqualTensors(last, n.forward(x));
    }

    @Test
    void everyLayerOfTheLinearAutoencoderGivesItsShape() {
        LinearAutoencoder n = new LinearAutoencoder();
        Tensor x = torch.rand(3, 1, 28, 28);
        NetworkChecks.assertEqualTensors(
                n.forward(x),
                NetworkChecks.assertShapes(
                        x,
                        List.of(
                                new Layer("flatten", h -> h.flatten(1, -1), 784),
                                new Layer("linear1", n.linear1::forward, 2),
                                new Layer("linear2", n.linear2::forward, 784),
                                new Layer("reshape", h -> h.view(-1, 1, 28, 28), 1, 28, 28))));
    }

    @Test
    void parametersHaveTheFieldsNamesInOrder() {
        assertEquals(
                List.of(
                        "linear1.weight [256, 784]",
                        "linear1.bias [256]",
                        "linear2.weight [128, 256]",
                        "linear2.bias [128]",
                        "linear3.weight [32, 128]",
                        "linear3.bias [32]",
                        "linear4.weight [2, 32]",
                        "linear4.bias [2]",
                        "linear5.weight [32, 2]",
                        "linear5.bias [32]",
                        "linear6.weight [128, 32]",
                        "linear6.bias [128]",
                        "linear7.weight [256, 128]",
                        "linear7.bias [256]",
                        "linear8.weight [784, 256]",
                        "linear8.bias [784]"),
                NetworkChecks.parameters(new Autoencoder()));
    }

    @Test
    void theSeededNetworkAnswersAsInPython() {
        Autoencoder network = seeded();
        Tensor x = UsesLibTorch.stripes();
        assertArrayEquals(new float[] {-0.1353125f, -0.1400043f}, Tensors.floats(network.encode(x)), 1e-6f);
        assertEquals(0.5004231930, network.forward(x).mean().item_double(), 1e-6);
        assertEquals(
                0.5178350806, network.forward(x).flatten().select(0, 3 * 28 + 5).item_double(), 1e-6);
    }

    @Test
    void theGradientReachesEveryParameter() {
        for (Network network : List.of(seeded(), new LinearAutoencoder())) {
            NetworkChecks.assertGradientReachesEveryParameter(network, torch::mse_loss, batch(32));
        }
    }

    @Test
    void oneRepeatedBatchIsLearned() {
        double left = NetworkChecks.shareOfLossLeft(seeded(), torch::mse_loss, batch(8), 200, 1e-3);
        assertTrue(left < 0.2, "left: " + left);
    }
}
