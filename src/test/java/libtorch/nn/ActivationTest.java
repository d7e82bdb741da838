package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import libtorch.Tensors;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationTest implements UsesLibTorch {
    private static Activation of(double... values) {
        return Activation.of(Tensors.of(values, values.length));
    }

    private static double[] values(Activation activation) {
        return Tensors.doubles(activation.tensor());
    }

    @Test
    void whatIsNotGivenHasTheSchemasDefault() {
        assertArrayEquals(new double[] {3, 5}, values(of(1, 2).call("add.Tensor", "other", of(2, 3))));
        assertArrayEquals(new double[] {5, 8}, values(of(1, 2).call("add.Tensor", "other", of(2, 3), "alpha", 2)));
    }

    @Test
    void oneNumberStandsForAListThatTheSchemaHasALengthOf() {
        Activation image = Activation.of(Tensors.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2));
        assertArrayEquals(new double[] {2.5}, values(image.call("avg_pool2d", "kernel_size", 2)));
    }

    @Test
    void listsTypesTextsAndNoneAreConverted() {
        assertArrayEquals(new double[] {1, 2, 3}, values(of(1).call("cat", "tensors", List.of(of(1), of(2, 3)))));
        assertEquals(
                ScalarType.Long,
                of(1).call("to.dtype", "dtype", ScalarType.Long)
                        .tensor()
                        .scalar_type()
                        .intern());
        assertEquals(0.8411919906082768, values(of(1).call("gelu", "approximate", "tanh"))[0], 1e-15);
        assertArrayEquals(new double[] {2}, values(of(3).call("clamp", "min", null, "max", 2)));
    }

    @Test
    void severalResultsAndListsOfThemAreReturned() {
        List<Activation> parts = of(1, 2, 3).split(2, 0);
        assertArrayEquals(new double[] {3}, values(parts.get(1)));
        List<Activation> largest = of(1, 5, 3).callMany("max.dim", "dim", 0);
        assertArrayEquals(new double[] {5}, values(largest.get(0)));
        assertArrayEquals(new double[] {1}, values(largest.get(1)));
    }

    @Test
    void gradientsFlowThroughACall() {
        Tensor x = Tensors.of(new double[] {3}, 1).set_requires_grad(true);
        Activation.of(x).mul(Activation.of(x)).add(1).tensor().backward();
        assertEquals(6, x.grad().item_double());
    }

    @Test
    void integersStayIntegersInArithmetic() {
        Activation longs = Activation.of(Tensors.of(new long[] {3}, 1));
        assertEquals(ScalarType.Long, longs.mul(2).tensor().scalar_type().intern());
        assertEquals(ScalarType.Float, longs.mul(2.0).tensor().scalar_type().intern());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add          | other  | 1    | there is no operator torch.ops.aten.add.default; there are add.Scalar, add.Tensor",
                "reluu        | -      | 1    | there is no operator torch.ops.aten.reluu.default",
                "softmax.int  | -      | 1    | torch.ops.aten.softmax.int: it needs dim; its schema is softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
                "softmax.int  | dim    | last | torch.ops.aten.softmax.int: dim is not of type int but last; its schema is softmax.int(",
                "relu         | dims   | 1    | torch.ops.aten.relu.default: it has no argument dims; its schema is relu(Tensor self) -> Tensor",
                "relu_        | -      | 1    | torch.ops.aten.relu_.default: it changes an argument in place, which a network's method may not",
                "max.dim      | dim    | 0    | torch.ops.aten.max.dim has 2 results here; use callMany",
                "max_pool2d   | kernel_size | x | kernel_size is not of type int but x; its schema is max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False)",
            })
    void aWrongCallShowsTheSchema(String operator, String argument, String value, String message) {
        Object[] arguments = argument.equals("-")
                ? new Object[0]
                : new Object[] {argument, value.matches("\\d") ? (Object) Integer.valueOf(value) : value};
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> of(1, 2).call(operator, arguments));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void whatLibtorchRefusesNamesTheOperatorInOneLine() {
        Activation x = Activation.of(torch.rand(2, 3));
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> x.matmul(x));
        assertEquals(
                "torch.ops.aten.matmul.default: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
                error.getMessage());
    }
}
