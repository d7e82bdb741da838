package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import libtorch.LibTorch;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
                Tensor actual = OneDnnLinear.call(arguments).get(0).toTensor();
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
            LibTorch.setThreads(1, LibTorch.Pool.OPENMP);
            assertFalse(takes(x, weight), "one thread");
        }
    }

    private boolean takes(Tensor input, Tensor matrix) {
        return OneDnnLinear.takes(List.of(new IValue(input), new IValue(matrix), new IValue(bias)));
    }
}
