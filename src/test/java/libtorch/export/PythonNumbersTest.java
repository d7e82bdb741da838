package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.IValue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected values are what Python prints. */
class PythonNumbersTest implements UsesLibTorch {
    private static IValue value(String text) {
        if (text.equals("True") || text.equals("False")) return new IValue(text.equals("True"));
        return text.matches("-?[0-9]+") ? new IValue(Long.parseLong(text)) : new IValue(Double.parseDouble(text));
    }

    private static String text(IValue value) {
        if (value.isBool()) return value.toBool() ? "True" : "False";
        return value.isInt() ? Long.toString(value.toInt()) : Double.toString(value.toDouble());
    }

    private static String call(String function, String arguments) {
        List<IValue> values = Arrays.stream(arguments.split(" "))
                .map(PythonNumbersTest::value)
                .toList();
        return text(PythonNumbers.call(function, values));
    }

    @ParameterizedTest
    @CsvSource({
        "_operator.add, 7 -2, 5",
        "_operator.sub, 7 -2, 9",
        "_operator.mul, 7 -2, -14",
        "_operator.floordiv, 7 -2, -4",
        "_operator.mod, 7 -2, -1",
        "_operator.truediv, 7 -2, -3.5",
        "_operator.neg, 7, -7",
        "_operator.pos, 7, 7",
        "torch.sym_int, 7, 7",
        "torch.sym_float, 7, 7.0",
        "torch.sym_max, 7 -2, 7",
        "torch.sym_min, 7 -2, -2",
        "math.ceil, 7, 7",
        "_operator.add, 7.5 2, 9.5",
        "_operator.sub, 7 2.5, 4.5",
        "_operator.mul, 1.5 2.5, 3.75",
        "_operator.floordiv, -7.5 2, -4.0",
        "_operator.mod, -7.5 2, 0.5",
        "_operator.truediv, 3.0 2, 1.5",
        "_operator.neg, 1.5, -1.5",
        "_operator.pos, 1.5, 1.5",
        "torch.sym_int, -1.5, -1",
        "torch.sym_float, 1.5, 1.5",
        "torch.sym_max, 1.5 2.5, 2.5",
        "torch.sym_min, 1.5 2.5, 1.5",
        "math.ceil, -1.5, -1",
        "math.floor, -1.5, -2",
        "math.trunc, -1.5, -1"
    })
    void arithmeticIsPythons(String function, String arguments, String expected) {
        assertEquals(expected, call(function, arguments));
    }

    /** The letters are the results of 1 and 2, 2 and 2, 2 and 1. */
    @ParameterizedTest
    @CsvSource({"eq, FTF", "ne, TFT", "lt, TFF", "le, TTF", "gt, FFT", "ge, FTT"})
    void comparisonsOfIntegersAndOfFloats(String function, String expected) {
        String[] pairs = {"1 2", "2 2", "2 1"};
        StringBuilder integers = new StringBuilder();
        StringBuilder floats = new StringBuilder();
        for (String pair : pairs) {
            integers.append(call("_operator." + function, pair).charAt(0));
            floats.append(call("_operator." + function, pair + ".0").charAt(0));
        }
        assertEquals(expected, integers.toString());
        assertEquals(expected, floats.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "eq, NaN NaN, False",
        "ne, NaN NaN, True",
        "le, 1.0 NaN, False",
        "ge, NaN 1.0, False",
        "eq, 0.0 -0.0, True",
        "lt, -0.0 0.0, False"
    })
    void notANumberEqualsNothingAndTheTwoZerosAreEqual(String function, String arguments, String expected) {
        assertEquals(expected, call("_operator." + function, arguments));
    }

    @ParameterizedTest
    @CsvSource({
        "_operator.and_, True True, True",
        "_operator.and_, True False, False",
        "_operator.and_, False True, False",
        "_operator.or_, False True, True",
        "_operator.or_, True False, True",
        "_operator.or_, False False, False",
        "torch.sym_not, True, False",
        "torch.sym_not, False, True",
        "torch.sym_ite, True 3 4, 3",
        "torch.sym_ite, False 3 4, 4"
    })
    void truthValues(String function, String arguments, String expected) {
        assertEquals(expected, call(function, arguments));
    }

    @ParameterizedTest
    @CsvSource({
        "floordiv, 1 0",
        "floordiv, 1.0 0",
        "mod, 1 0",
        "mod, 1.0 0",
        "truediv, 1 0",
        "add, 9223372036854775807 1",
        "mul, 9223372036854775807 2"
    })
    void divisionByZeroAndOverflowAreErrors(String function, String arguments) {
        assertThrows(ArithmeticException.class, () -> call("_operator." + function, arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"_operator.add True True", "_operator.and_ 1 2", "_operator.and_ 1.5 2"})
    void functionsOfOtherKindsAreRefused(String call) {
        int space = call.indexOf(' ');
        String function = call.substring(0, space);
        assertThrows(IllegalArgumentException.class, () -> call(function, call.substring(space + 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"_operator.add", "torch.sym_ite", "math.trunc"})
    void functionsAreKnownByTheirNames(String name) {
        assertTrue(PythonNumbers.has(name));
        assertFalse(PythonNumbers.has(name + "x"));
    }
}
