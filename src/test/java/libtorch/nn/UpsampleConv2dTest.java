package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mnist.UsesLibTorch;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpsampleConv2dTest implements UsesLibTorch {
    private static Conv2dImpl conv(long in, long out) {
        torch.manual_seed(1);
        Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(3, 3));
        options.padding().put(new LongPointer(1, 1));
        return new Conv2dImpl(options);
    }

    private static void assertClose(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        double difference = expected.sub(actual).abs().max().item_double();
        assertTrue(difference < 1e-5 * Math.max(1, expected.abs().max().item_double()), "differs by " + difference);
    }

    @ParameterizedTest
    @CsvSource({"8, 4, 7, 7", "4, 1, 14, 14", "2, 3, 1, 5"})
    void answersAndGradientsAreThoseOfUpsamplingAndThenConvolving(long in, long out, long height, long width) {
        Conv2dImpl plain = conv(in, out);
        Conv2dImpl folded = conv(in, out);
        Tensor x1 = torch.randn(3, in, height, width).set_requires_grad(true);
        Tensor x2 = x1.detach().clone().set_requires_grad(true);
        Tensor expected = plain.forward(torch.upsample_nearest2d(x1, 2 * height, 2 * width));
        Tensor actual = new UpsampleConv2d(folded).forward(x2);
        assertClose(expected, actual);

        Tensor direction = torch.randn_like(expected);
        expected.mul(direction).sum().backward();
        actual.mul(direction).sum().backward();
        assertClose(x1.grad(), x2.grad());
        assertClose(plain.weight().grad(), folded.weight().grad());
        assertClose(plain.bias().grad(), folded.bias().grad());
    }
}
