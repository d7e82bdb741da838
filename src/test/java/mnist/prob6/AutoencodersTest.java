package mnist.prob6;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import libtorch.data.Batch;
import libtorch.nn.Activation;
import libtorch.nn.UpsampleConv2d;
import mnist.NetworkChecks;
import mnist.NetworkChecks.Layer;
import mnist.UsesLibTorch;
import mnist.prob6.ConvAutoencoder.Features;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AutoencodersTest implements UsesLibTorch {
    private static ConvAutoencoder seeded(Variant variant) {
        torch.manual_seed(1);
        return new ConvAutoencoder(variant.skips);
    }

    private static Layer upsampling(String name, UpsampleConv2d layer, long channels, long size) {
        return new Layer(name, h -> Activation.of(h).upsampleConv2d(layer).tensor(), channels, size, size);
    }

    @Test
    void everyLayerOfThePlainNetworkGivesTheShapeThatTheExerciseStates() {
        ConvAutoencoder n = seeded(Variant.PLAIN);
        Tensor x = torch.rand(5, 1, 28, 28);
        Tensor last = NetworkChecks.assertShapes(
                x,
                List.of(
                        new Layer("conv1", n.conv1::forward, 4, 28, 28),
                        new Layer("relu", torch::relu, 4, 28, 28),
                        new Layer("pool1", h -> torch.max_pool2d(h, 2, 2), 4, 14, 14),
                        new Layer("conv2", n.conv2::forward, 8, 14, 14),
                        new Layer("relu", torch::relu, 8, 14, 14),
                        new Layer("pool2", h -> torch.max_pool2d(h, 2, 2), 8, 7, 7),
                        new Layer("flatten", h -> h.flatten(1, -1), 392),
                        new Layer("linear1", n.linear1::forward, 20),
                        new Layer("relu", torch::relu, 20),
                        new Layer("linear2", n.linear2::forward, 2),
                        new Layer("linear3", n.linear3::forward, 20),
                        new Layer("relu", torch::relu, 20),
                        new Layer("linear4", n.linear4::forward, 392),
                        new Layer("relu", torch::relu, 392),
                        new Layer("reshape", h -> h.view(-1, 8, 7, 7), 8, 7, 7),
                        upsampling("upsample1 and conv3", n.conv3, 4, 14),
                        new Layer("relu", torch::relu, 4, 14, 14),
                        upsampling("upsample2 and conv4", n.conv4, 1, 28),
                        new Layer("sigmoid", torch::sigmoid, 1, 28, 28)));
        NetworkChecks.assertEqualTensors(last, n.forward(x)); // the network is these layers and no others
    }

    @Test
    void everyLayerOfTheSkipNetworkGivesTheShapeThatTheExerciseStates() {
        ConvAutoencoder n = seeded(Variant.SKIP);
        Tensor x = torch.rand(5, 1, 28, 28);
        Features f = n.features(Activation.of(x));
        assertArrayEquals(new long[] {5, 2}, f.z().tensor().shape());
        assertArrayEquals(new long[] {5, 4, 14, 14}, f.pool1().tensor().shape());
        assertArrayEquals(new long[] {5, 8, 7, 7}, f.pool2().tensor().shape());
        Tensor last = NetworkChecks.assertShapes(
                f.z().tensor(),
                List.of(
                        new Layer("linear3", n.linear3::forward, 20),
                        new Layer("relu", torch::relu, 20),
                        new Layer("linear4", n.linear4::forward, 392),
                        new Layer("relu", torch::relu, 392),
                        new Layer("reshape", h -> h.view(-1, 8, 7, 7), 8, 7, 7),
                        new Layer("skip from pool2", h -> h.add(f.pool2().tensor()), 8, 7, 7),
                        upsampling("upsample1 and conv3", n.conv3, 4, 14),
                        new Layer("relu", torch::relu, 4, 14, 14),
                        new Layer("skip from pool1", h -> h.add(f.pool1().tensor()), 4, 14, 14),
                        upsampling("upsample2 and conv4", n.conv4, 1, 28),
                        new Layer("sigmoid", torch::sigmoid, 1, 28, 28)));
        NetworkChecks.assertEqualTensors(last, n.forward(x));
    }

    @ParameterizedTest
    @EnumSource
    void parametersHaveTheExercisesShapesAndTheFieldsNamesInOrder(Variant variant) {
        assertEquals(
                List.of(
                        "conv1.weight [4, 1, 3, 3]",
                        "conv1.bias [4]",
                        "conv2.weight [8, 4, 3, 3]",
                        "conv2.bias [8]",
                        "linear1.weight [20, 392]",
                        "linear1.bias [20]",
                        "linear2.weight [2, 20]",
                        "linear2.bias [2]",
                        "linear3.weight [20, 2]",
                        "linear3.bias [20]",
                        "linear4.weight [392, 20]",
                        "linear4.bias [392]",
                        "conv3.weight [4, 8, 3, 3]",
                        "conv3.bias [4]",
                        "conv4.weight [1, 4, 3, 3]",
                        "conv4.bias [1]"),
                NetworkChecks.parameters(new ConvAutoencoder(variant.skips)));
    }

    @Test
    void convolutionsKeepTheirWeightsChannelsLast() { // even where one channel makes the layout ambiguous: oneDNN
        // goes by the strides
        ConvAutoencoder network = seeded(Variant.PLAIN);
        assertArrayEquals(new long[] {9, 1, 3, 1}, strides(network.conv1.weight()));
        assertArrayEquals(new long[] {36, 1, 12, 4}, strides(network.conv2.weight()));
    }

    private static long[] strides(Tensor tensor) {
        long[] strides = new long[(int) tensor.dim()];
        for (int i = 0; i < strides.length; i++) strides[i] = tensor.stride(i);
        return strides;
    }

    // The numbers are PyTorch's (1.13 and 2.10, Python) for the same seed, layers and image.
    @Test
    void theSeededPlainNetworkAnswersAsInPython() {
        ConvAutoencoder network = seeded(Variant.PLAIN);
        Tensor x = UsesLibTorch.stripes();
        Tensor y = network.forward(x);
        assertEquals(-0.1904078722, network.encode(x).flatten().select(0, 0).item_double(), 1e-6);
        assertEquals(-0.0963537022, network.encode(x).flatten().select(0, 1).item_double(), 1e-6);
        assertEquals(0.5346377492, y.mean().item_double(), 1e-6);
        assertEquals(0.5368348956, y.flatten().select(0, 3 * 28 + 5).item_double(), 1e-6);
        assertEquals(0.0927744657, torch.mse_loss(y, x).item_double(), 1e-6);
    }

    @Test
    void theSeededSkipNetworkAnswersAsInPython() {
        Tensor x = UsesLibTorch.stripes();
        Tensor y = seeded(Variant.SKIP).forward(x);
        assertEquals(0.4931705594, y.mean().item_double(), 1e-6);
        assertEquals(0.4891519547, y.flatten().select(0, 3 * 28 + 5).item_double(), 1e-6);
        assertEquals(0.0852012262, torch.mse_loss(y, x).item_double(), 1e-6);
    }

    @ParameterizedTest
    @EnumSource
    void theGradientReachesEveryParameter(Variant variant) {
        Tensor images = UsesLibTorch.sample().train().images(0, 32);
        NetworkChecks.assertGradientReachesEveryParameter(seeded(variant), torch::mse_loss, new Batch(images, images));
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "SKIP"})
    void oneRepeatedBatchIsLearned(Variant variant) {
        Tensor images = UsesLibTorch.sample().train().images(0, 8);
        double left =
                NetworkChecks.shareOfLossLeft(seeded(variant), torch::mse_loss, new Batch(images, images), 150, 1e-2);
        assertTrue(left < (variant.skips ? 0.1 : 0.35), "left: " + left);
    }

    @Test
    void whatGoesAroundTheTwoNumbersMatters() {
        ConvAutoencoder network = seeded(Variant.SKIP);
        Features f = network.features(Activation.of(UsesLibTorch.stripes()));
        Tensor whole = network.decode(f).tensor();
        for (Features changed : List.of(
                new Features(zeros(f.z()), f.pool1(), f.pool2()),
                new Features(f.z(), zeros(f.pool1()), f.pool2()),
                new Features(f.z(), f.pool1(), zeros(f.pool2())))) {
            assertFalse(torch.equal(whole, network.decode(changed).tensor()));
        }
    }

    @Test
    void oneSkipConnectionAloneLeavesTheOtherOut() {
        torch.manual_seed(1);
        ConvAutoencoder network = new ConvAutoencoder(5, true, false);
        Features f = network.features(Activation.of(UsesLibTorch.stripes()));
        assertEquals(5, f.z().tensor().size(1));
        Tensor whole = network.decode(f).tensor();
        assertTrue(torch.equal(
                whole,
                network.decode(new Features(f.z(), f.pool1(), zeros(f.pool2()))).tensor()));
        assertFalse(torch.equal(
                whole,
                network.decode(new Features(f.z(), zeros(f.pool1()), f.pool2())).tensor()));
    }

    private static Activation zeros(Activation like) {
        return Activation.of(torch.zeros_like(like.tensor()));
    }

    @Test
    void variantsAreNamedAsTheExerciseAndTheUserSpellThem() {
        assertEquals(
                List.of("plain", "skip", "noisy", "skip-noisy"),
                java.util.Arrays.stream(Variant.values()).map(Variant::toString).toList());
        assertEquals(
                List.of("mnist_cae", "mnist-cae-skip", "mnist_cae_noisy", "mnist-cae-skip-noisy"),
                java.util.Arrays.stream(Variant.values()).map(v -> v.model).toList());
    }
}
