package libtorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorsTest implements UsesLibTorch {
    @Test
    void aTensorHasTheValuesOfItsArrayRowByRow() {
        Tensor tensor = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertArrayEquals(new long[] {2, 3}, tensor.shape());
        assertEquals(4, tensor.select(0, 1).select(0, 0).item_float());
        assertArrayEquals(new float[][] {{1, 2, 3}, {4, 5, 6}}, Tensors.rows(tensor));
        assertArrayEquals(new long[0], Tensors.of(new double[] {7}).shape(), "without a shape, a scalar");
        assertEquals(0, Tensors.longs(Tensors.of(new long[0], 0, 3)).length);
    }

    @Test
    void anArrayThatDoesNotFitTheShapeIsRefusedAndTouchesNoMemory() {
        assertRefused("7 values do not make a tensor of shape [1, 5]", () -> Tensors.of(new float[7], 1, 5));
        assertRefused("2 values do not make a tensor of shape [3]", () -> Tensors.of(new double[2], 3));
        assertRefused("3 values do not make a tensor of shape []", () -> Tensors.of(new long[3]));
        assertRefused("4 values do not make a tensor of shape [-2, -2]", () -> Tensors.of(new byte[4], -2, -2));
        assertRefused(
                "0 values do not make a tensor of shape [4294967296, 4294967296]",
                () -> Tensors.of(new byte[0], 1L << 32, 1L << 32));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void aTextHasValuesTypeAndShape() {
        assertEquals(
                "[[1.00000, -2.50000],\n [3.00000, 4.00000]]  Float[2, 2]",
                Tensors.text(Tensors.of(new float[] {1, -2.5f, 3, 4}, 2, 2)));
        assertEquals("1234567  Long[]", Tensors.text(Tensors.of(new long[] {1234567})));
        assertEquals(20, Tensors.text(Tensors.of(new float[30], 30)).split("0.00000", -1).length - 1);
        assertEquals(
                "[1, 0]  Bool[2]", Tensors.text(Tensors.of(new long[] {1, 0}, 2).to(ScalarType.Bool)));
    }

    @Test
    void complexNumbersAreShownAsPairsAndNotCutOff() {
        Tensor complex = torch.view_as_complex(Tensors.of(new float[] {1, 2, 3, 4}, 2, 2));
        assertEquals("[[1.00000, 2.00000],\n [3.00000, 4.00000]]  ComplexFloat[2]", Tensors.text(complex));
        assertRefused(
                "the tensor is complex: take its real and imaginary parts, as with torch.view_as_real",
                () -> Tensors.floats(complex));
    }
}
