package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import libtorch.LibTorch;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.Tracer;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
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
                Tensor actual = OneDnnLinear.call(arguments, new ReorderedWeights(List.of()))
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
    void weightsAreReorderedWhenTheyAreUsedASecondTimeUntilTheyChange() {
        ReorderedWeights weights = new ReorderedWeights(List.of(weight));
        try (NoGradGuard noGrad = new NoGradGuard()) {
            List<Runnable> changes = List.of(
                    () -> weight.fill_(new Scalar(2)),
                    () -> weight.set_data(torch.full(new long[] {256, 512}, new Scalar(3.0))),
                    weights::clear);
            for (Runnable change : changes) {
                assertFalse(weights.of(weight, 16).is_mkldnn(), "the first use");
                Tensor second = weights.of(weight, 16);
                assertTrue(second.is_mkldnn());
                assertTrue(torch.equal(weight, second.to_dense()));
                assertFalse(weights.of(weight, 15).is_mkldnn(), "few rows");
                change.run();
            }
            assertFalse(weights.of(weight, 16).is_mkldnn(), "after clear");
            Tensor computed = weight.clone();
            for (int use = 0; use < 3; use++)
                assertFalse(weights.of(computed, 16).is_mkldnn(), "not a program's own");
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

    @Test
    void aProgramAnswersWithItsWeightsAsTheyAre(@TempDir Path folder) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Path file = folder.resolve("sum.pt2");
            Sum sum = new Sum();
            ExportWriter.save(
                    file, sum.snapshot(Tracer.trace(sum, 512)), Map.of(), new Verification(sum, torch.rand(5, 512)));
            Program program = Program.open(file);
            Tensor own = program.state().get("linear1.weight");
            requireAnswers(program, 256);
            own.fill_(new Scalar(2)); // an operator's change is counted
            requireAnswers(program, 1024);
            own.variable_data().fill_(new Scalar(3)); // this one is not, and is seen after a call in training
            program.train(true);
            requireAnswers(program, 1536);
            program.eval();
            requireAnswers(program, 1536);
        }
    }

    /** Calls a program in several threads; each row of its answers is the sum of 512 ones times its weights. */
    private static void requireAnswers(Program program, float expected) {
        IntStream.range(0, 12).parallel().forEach(call -> {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                Tensor answer =
                        program.call("forward", List.of(torch.ones(32, 512))).get(0);
                assertTrue(torch.equal(torch.full(new long[] {32, 256}, new Scalar(expected)), answer));
            }
        });
    }

    private boolean takes(Tensor input, Tensor matrix) {
        return OneDnnLinear.takes(List.of(new IValue(input), new IValue(matrix), new IValue(bias)));
    }
}
