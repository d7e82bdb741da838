package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import libtorch.export.ModelInput.Size;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelInputTest implements UsesLibTorch {
    private static final String SYMBOL = "Symbol('s17', positive=True, integer=True)";

    /** A size between 1 and 10, and others that depend on it, as torch.export writes them. */
    private static ModelInput input(String name, String expression) {
        Size size = Size.of(expression.replace("h", SYMBOL), Map.of("s17", new Size("s17", 1, 10)));
        return ModelInput.of(name, ScalarType.Float, List.of(size));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Mul(Integer(2), h)                  | 6  | 3  | 2*s17",
                "Mul(Integer(2), h)                  | 20 | 10 | 2*s17",
                "Add(h, Integer(1))                  | 6  | 5  | s17+1",
                "Add(h, Integer(-1))                 | 4  | 5  | s17-1",
                "Add(Mul(Integer(3), h), Integer(2)) | 11 | 3  | 3*s17+2",
                "h                                   | 3  | 3  | s17",
            })
    void sizesThatDependOnEachOtherAreThoseOfOneSymbol(String expression, long fits, long other, String shown) {
        List<ModelInput> inputs = List.of(input("x", expression), input("y", "h"));
        assertEquals(shown, inputs.get(0).sizes().get(0).toString());
        assertDoesNotThrow(() -> ModelInput.requireFitting(inputs, List.of(torch.rand(fits), torch.rand(other))));
        for (long[] misfit : new long[][] {{fits, other % 10 + 1}, {fits + 1, other}, {fits * 40, other * 40}}) {
            List<Tensor> arguments = List.of(torch.rand(misfit[0]), torch.rand(misfit[1]));
            Exception error =
                    assertThrows(IllegalArgumentException.class, () -> ModelInput.requireFitting(inputs, arguments));
            assertTrue(error.getMessage().contains("s17"), error.getMessage());
        }
    }

    @Test
    void sizesOfOtherExpressionsAreFree() {
        ModelInput input = input("x", "Mul(h, Symbol('s2', integer=True))");
        assertDoesNotThrow(() -> ModelInput.requireFitting(List.of(input), List.of(torch.rand(77))));
    }
}
