package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import libtorch.LibTorch;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.Optimizers;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneDnnLinearTest implements UsesLibTorch {
    private final int threads = torch.get_num_threads();
    private final Tensor x = torch.randn(4, 16, 512);
    private final Tensor weight = torch.randn(256, 512);
    private final Tensor bias = torch.randn(256);

    @BeforeEach
    void threadsOfOpenMp() {
        LibTorch.setThreads(2, LibTorch.Pool.OPENMP);
    }

    @AfterEach
    void threadsAsBefore() {
        LibTorch.setThreads(threads, LibTorch.Pool.OPENMP);
    }

    @Test
    void itsResultsAreAtensButForRounding() {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            for (IValue added : List.of(new IValue(bias), new IValue())) {
                List<IValue> arguments = List.of(new IValue(x), new IValue(weight), added);
                assertTrue(OneDnnLinear.takes(arguments));
                Tensor expected =
                        torch.linear(x, weight, added.isNone() ? new TensorOptional() : new TensorOptional(bias));
                Tensor actual = OneDnnLinear.call(arguments, ReorderedWeights.NONE)
                        .get(0)
                        .toTensor();
                double largest = expected.abs().max().item_double();
                assertEquals(0, actual.sub(expected).abs().max().item_double(), 2e-6 * largest);
            }
        }
    }

    @Test
    void gradientsOtherTypesAndLayoutsSmallLayersAndOneThreadAreAtens() {
        assertFalse(takes(x, weight), "gradients");
        try (NoGradGuard noGrad = new NoGradGuard()) {
            assertTrue(takes(x, weight));
            assertFalse(takes(x.to(ScalarType.Double), weight.to(ScalarType.Double)), "doubles");
            assertFalse(takes(x.transpose(0, 1), weight), "a view of another order");
            assertFalse(takes(x, torch.randn(512, 256).t()), "a transposed weight");
            assertFalse(takes(x.narrow(0, 0, 1).narrow(1, 0, 1), weight), "131,072 multiplications");
            assertFalse(takes(x, torch.randn(256, 511)), "sizes that do not fit, which ATen refuses");
            IValue one = new IValue(torch.randn(1));
            assertFalse(OneDnnLinear.takes(List.of(new IValue(x), new IValue(weight), one)), "a bias for all outputs");
            LibTorch.setThreads(1, LibTorch.Pool.OPENMP);
            assertFalse(takes(x, weight), "one thread");
        }
    }

    @Test
    void weightsAreReorderedWhenTheyAreUsedASecondTime() {
        ReorderedWeights weights = new ReorderedWeights(List.of(weight));
        try (NoGradGuard noGrad = new NoGradGuard()) {
            assertFalse(weights.of(weight, 16).is_mkldnn(), "the first use");
            for (int use = 0; use < 2; use++) {
                assertFalse(weights.of(weight, 15).is_mkldnn(), "few rows");
                Tensor reordered = weights.of(weight, 16);
                assertTrue(reordered.is_mkldnn());
                assertTrue(torch.equal(weight, reordered.to_dense()));
            }
            Tensor computed = weight.clone();
            for (int use = 0; use < 3; use++)
                assertFalse(weights.of(computed, 16).is_mkldnn(), "not among them");
        }
    }

    private static final class Sum extends Network {
        final LinearImpl linear1 = linear("linear1", 512, 256);

        Sum() {
            super("Sum");
            linear1.weight().fill_(new Scalar(0.5));
            linear1.bias().fill_(new Scalar(0));
        }

        @Override
        public Activation forward(Activation input) {
            return input.linear(linear1);
        }
    }

    private Path saved(Path folder) {
        Path file = folder.resolve("sum.pt2");
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Networks.save(new Sum(), torch.rand(5, 512), file);
        }
        return file;
    }

    @Test
    void aModelAnswersTheSameInAllCallsAndThreads(@TempDir Path folder) {
        try (Model model = Model.open(saved(folder))) {
            IntStream.range(0, 12).parallel().forEach(call -> {
                float[] ones = new float[32 * 512];
                Arrays.fill(ones, 1);
                float[] answer = model.call(ones, 32, 512);
                for (float sum : answer) assertEquals(256, sum); // 512 halves
            });
        }
    }

    @Test
    void aProgramAnswersWithItsWeightsHoweverTheyChange(@TempDir Path folder) {
        Program program = Program.open(saved(folder));
        Tensor ones = torch.ones(32, 512);
        Optimizer optimizer = Optimizers.sgd(64, 0, 0).apply(program.parameters());
        for (float expected : new float[] {256, 127.75F, -0.5F}) { // a step takes 64/256 from each weight and each bias
            for (int call = 0; call < 3; call++) assertEquals(expected, withoutGradients(program, ones));
            optimizer.zero_grad();
            program.forward(ones).mean().backward();
            for (int call = 0; call < 3; call++) assertEquals(expected, withoutGradients(program, ones));
            optimizer.step();
        }
    }

    private static float withoutGradients(Program program, Tensor input) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            return program.forward(input).select(1, 7).select(0, 5).item_float();
        }
    }

    private boolean takes(Tensor input, Tensor matrix) {
        return OneDnnLinear.takes(List.of(new IValue(input), new IValue(matrix), new IValue(bias)));
    }
}
