package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import libtorch.nn.AtenOperator;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class OneDnnConv3dTest implements UsesLibTorch {
    private final Tensor x = torch.randn(2, 4, 6, 7, 8);
    private final Tensor weight = torch.randn(6, 4, 3, 2, 1);
    private final Tensor bias = torch.randn(6);

    private static IValue numbers(long... numbers) {
        GenericList list = AtenOperator.list("int");
        for (long number : numbers) list.push_back(new IValue(number));
        return new IValue(list);
    }

    private static List<IValue> arguments(Tensor x, Tensor weight, IValue bias, IValue stride, IValue padding) {
        return List.of(new IValue(x), new IValue(weight), bias, stride, padding, numbers(1), new IValue(1));
    }

    private static void assertIsAtens(List<IValue> arguments) {
        assertTrue(OneDnnConv3d.takes(arguments));
        Tensor expected = AtenOperator.named("conv3d").call(arguments).get(0).toTensor();
        Tensor actual = OneDnnConv3d.call(arguments).get(0).toTensor();
        double largest = expected.abs().max().item_double();
        assertEquals(0, actual.sub(expected).abs().max().item_double(), 2e-6 * largest);
    }

    @Test
    void itsResultsAreAtensButForRounding() {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            assertIsAtens(arguments(x, weight, new IValue(bias), numbers(1), numbers(0)));
            assertIsAtens(arguments(x, weight, new IValue(), numbers(1, 2, 3), numbers(2, 1, 0)));
            Tensor halves = torch.randn(6, 2, 3, 2, 1);
            List<IValue> grouped = new ArrayList<>(arguments(x, halves, new IValue(bias), numbers(2), numbers(1)));
            grouped.set(5, numbers(2, 1, 1));
            grouped.set(6, new IValue(2));
            assertIsAtens(grouped);
        }
    }

    @Test
    void gradientsOtherTypesAndWhatDoesNotFitAreAtens() {
        IValue none = new IValue();
        assertFalse(OneDnnConv3d.takes(arguments(x, weight, none, numbers(1), numbers(0))), "gradients");
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor doubles = x.to(ScalarType.Double);
            assertFalse(OneDnnConv3d.takes(arguments(doubles, weight, none, numbers(1), numbers(0))), "doubles");
            assertFalse(OneDnnConv3d.takes(arguments(x, weight, none, numbers(0), numbers(0))), "a stride of 0");
            assertFalse(OneDnnConv3d.takes(arguments(x, weight, none, numbers(1), numbers(-1))), "negative padding");
            Tensor long7 = torch.randn(6, 4, 7, 1, 1);
            assertFalse(OneDnnConv3d.takes(arguments(x, long7, none, numbers(1), numbers(0))), "beyond the volume");
            Tensor of3 = torch.randn(6, 3, 1, 1, 1);
            assertFalse(OneDnnConv3d.takes(arguments(x, of3, none, numbers(1), numbers(0))), "other channels");
            IValue five = new IValue(torch.randn(5));
            assertFalse(OneDnnConv3d.takes(arguments(x, weight, five, numbers(1), numbers(0))), "another bias");
        }
    }
}
