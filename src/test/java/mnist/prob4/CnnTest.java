package mnist.prob4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import libtorch.Tensors;
import libtorch.data.Batch;
import mnist.NetworkChecks;
import mnist.NetworkChecks.Layer;
import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class CnnTest implements UsesLibTorch {
    private static Cnn seeded() {
        torch.manual_seed(1);
        return new Cnn();
    }

    private static Batch batch(int n) {
        ImageSet train = UsesLibTorch.sample().train();
        return new Batch(train.images(0, n), train.labels().narrow(0, 0, n));
    }

    @Test
    void everyLayerGivesTheShapeOfTheCoursesSkeleton() {
        Cnn n = seeded();
        Tensor x = torch.rand(3, 1, 28, 28);
        Tensor last = NetworkChecks.assertShapes(
                x,
                List.of(
                        new Layer("conv1", n.conv1::forward, 40, 24, 24),
                        new Layer("relu", torch::relu, 40, 24, 24),
                        new Layer("pool1", h -> torch.max_pool2d(h, 2, 2), 40, 12, 12),
                        new Layer("conv2", n.conv2::forward, 80, 8, 8),
                        new Layer("relu", torch::relu, 80, 8, 8),
                        new Layer("pool2", h -> torch.max_pool2d(h, 2, 2), 80, 4, 4),
                        new Layer("flatten", h -> h.flatten(1, -1), 1280),
                        new Layer("linear1", n.linear1::forward, 500),
                        new Layer("relu", torch::relu, 500),
                        new Layer("linear2", n.linear2::forward, 10),
                        new Layer("log-softmax", h -> torch.log_softmax(h, 1), 10)));
        NetworkChecks.assertEqualTensors(last, n.forward(x));
    }

    @Test
    void parametersHaveTheFieldsNamesInOrder() {
        assertEquals(
                List.of(
                        "conv1.weight [40, 1, 5, 5]",
                        "conv1.bias [40]",
                        "conv2.weight [80, 40, 5, 5]",
                        "conv2.bias [80]",
                        "linear1.weight [500, 1280]",
                        "linear1.bias [500]",
                        "linear2.weight [10, 500]",
                        "linear2.bias [10]"),
                NetworkChecks.parameters(new Cnn()));
    }

    @Test
    void theSeededNetworkAnswersAsInPython() {
        float[] answer = Tensors.floats(seeded().forward(UsesLibTorch.stripes()));
        assertArrayEquals(
                new float[] {
                    -2.2979188f,
                    -2.2936249f,
                    -2.373818f,
                    -2.2675047f,
                    -2.268082f,
                    -2.2880316f,
                    -2.3159628f,
                    -2.297238f,
                    -2.3967688f,
                    -2.2373393f
                },
                answer,
                1e-6f);
    }

    @Test
    void theProbabilitiesOfAnImageSumToOne() {
        float[] sums = Tensors.floats(seeded().forward(batch(4).inputs()).exp().sum(1));
        assertArrayEquals(new float[] {1, 1, 1, 1}, sums, 1e-5f);
    }

    @Test
    void theGradientReachesEveryParameter() {
        NetworkChecks.assertGradientReachesEveryParameter(seeded(), torch::nll_loss, batch(32));
    }

    @Test
    void oneRepeatedBatchIsLearned() {
        double left = NetworkChecks.shareOfLossLeft(seeded(), torch::nll_loss, batch(16), 30, 1e-3);
        assertTrue(left < 0.05, "left: " + left);
    }
}
