package libtorch.export;

import java.util.List;
import org.bytedeco.pytorch.IValue;

/** Computes with sizes as Python does: torch.export writes these functions if a size depends on another. */
final class PythonNumbers {
    private PythonNumbers() {}

    /** Returns whether there is a function of this name. */
    static boolean has(String target) {
        return target.matches("_operator\\.(add|sub|mul|floordiv|truediv|mod|neg|pos|eq|ne|lt|le|gt|ge|and_|or_)"
                + "|torch\\.sym_(max|min|not|int|float|ite)|math\\.(ceil|floor|trunc)");
    }

    /**
     * Calls a function; the result is in the open scope.
     *
     * @throws ArithmeticException if an integer overflows, or is divided by zero
     */
    static IValue call(String target, List<IValue> arguments) {
        String function = target.substring(target.indexOf('.') + 1);
        IValue a = arguments.get(0);
        if (function.equals("sym_ite")) return new IValue(arguments.get(a.toBool() ? 1 : 2));
        if (a.isBool()) {
            boolean b = arguments.size() < 2 || arguments.get(1).toBool();
            return switch (function) {
                case "and_" -> new IValue(a.toBool() && b);
                case "or_" -> new IValue(a.toBool() || b);
                case "sym_not" -> new IValue(!a.toBool());
                default -> throw new IllegalArgumentException(target + " is not a function of true and false");
            };
        }
        IValue b = arguments.get(arguments.size() - 1);
        boolean integers = a.isInt() && b.isInt() && !function.equals("truediv");
        return integers ? of(function, a.toInt(), b.toInt()) : of(function, real(a), real(b));
    }

    private static IValue of(String function, long a, long b) {
        return switch (function) {
            case "add" -> new IValue(Math.addExact(a, b));
            case "sub" -> new IValue(Math.subtractExact(a, b));
            case "mul" -> new IValue(Math.multiplyExact(a, b));
            case "floordiv" -> new IValue(Math.floorDiv(a, b));
            case "mod" -> new IValue(Math.floorMod(a, b));
            case "neg" -> new IValue(Math.negateExact(a));
            case "pos", "sym_int", "ceil", "floor", "trunc" -> new IValue(a);
            case "sym_max" -> new IValue(Math.max(a, b));
            case "sym_min" -> new IValue(Math.min(a, b));
            case "sym_float" -> new IValue((double) a);
            default -> new IValue(compare(function, Long.compare(a, b)));
        };
    }

    private static IValue of(String function, double a, double b) {
        return switch (function) {
            case "add" -> new IValue(a + b);
            case "sub" -> new IValue(a - b);
            case "mul" -> new IValue(a * b);
            case "truediv" -> new IValue(a / nonZero(b));
            case "floordiv" -> new IValue(Math.floor(a / nonZero(b)));
            case "mod" -> new IValue(a - Math.floor(a / nonZero(b)) * b);
            case "neg" -> new IValue(-a);
            case "pos", "sym_float" -> new IValue(a);
            case "sym_int", "trunc" -> new IValue((long) a);
            case "ceil" -> new IValue((long) Math.ceil(a));
            case "floor" -> new IValue((long) Math.floor(a));
            case "sym_max" -> new IValue(Math.max(a, b));
            case "sym_min" -> new IValue(Math.min(a, b));
            default -> new IValue(compare(function, a, b));
        };
    }

    private static boolean compare(String function, int order) {
        return switch (function) {
            case "eq" -> order == 0;
            case "ne" -> order != 0;
            case "lt" -> order < 0;
            case "le" -> order <= 0;
            case "gt" -> order > 0;
            case "ge" -> order >= 0;
            default -> throw new IllegalArgumentException(function + " is not a function of numbers");
        };
    }

    /** Compares as IEEE 754 does: 0 equals −0, and NaN equals nothing. */
    private static boolean compare(String function, double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) return function.equals("ne");
        return compare(function, a == b ? 0 : Double.compare(a, b));
    }

    private static double nonZero(double divisor) {
        if (divisor == 0) throw new ArithmeticException("division by zero");
        return divisor;
    }

    private static double real(IValue number) {
        return number.isInt() ? number.toInt() : number.toDouble();
    }
}
