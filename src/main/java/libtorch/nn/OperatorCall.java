package libtorch.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import libtorch.nn.AtenOperator.Parameter;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * An operator with its arguments, which is both computed and recorded.
 *
 * @param arguments those that were given, by their names and in the schema's order: an Activation, Tensor, Long,
 *     Double, Boolean, String, ScalarType or MemoryFormat, a list of such, or null
 */
record OperatorCall(AtenOperator operator, Map<String, @Nullable Object> arguments) {
    /**
     * Binds arguments to an operator's parameters.
     *
     * @param self the argument of the first tensor parameter that is not given by name
     * @param namesAndValues names of arguments and their values in turn
     * @throws IllegalArgumentException if the schema does not take them, or requires another
     */
    static OperatorCall of(String name, Activation self, @Nullable Object... namesAndValues) {
        AtenOperator operator = AtenOperator.named(name);
        if (namesAndValues.length % 2 != 0) throw wrong(operator, "names and values must come in pairs");
        Map<String, @Nullable Object> given = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (!(namesAndValues[i] instanceof String argument))
                throw wrong(operator, namesAndValues[i] + " is not the name of an argument");
            if (given.containsKey(argument)) throw wrong(operator, argument + " is given twice");
            given.put(argument, namesAndValues[i + 1]);
        }
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        boolean free = true; // self is not assigned yet
        for (Parameter parameter : operator.parameters()) {
            String argument = parameter.name();
            if (given.containsKey(argument)) {
                arguments.put(argument, converted(operator, parameter, parameter.type(), given.remove(argument)));
            } else if (free && parameter.type().equals("Tensor")) {
                arguments.put(argument, self);
                free = false;
            } else if (parameter.fallback() == null) {
                throw wrong(operator, "it needs " + argument);
            }
        }
        if (!given.isEmpty())
            throw wrong(
                    operator, "it has no argument " + given.keySet().iterator().next());
        if (operator.parameters().stream().anyMatch(Parameter::written))
            throw wrong(operator, "it changes an argument in place, which a network's method may not");
        return new OperatorCall(operator, arguments);
    }

    private static IllegalArgumentException wrong(AtenOperator operator, String what) {
        return new IllegalArgumentException(operator.target() + ": " + what + "; its schema is " + operator.schema());
    }

    /** Converts a Java value to one of the classes of {@link #arguments}. */
    private static @Nullable Object converted(
            AtenOperator operator, Parameter parameter, String type, @Nullable Object value) {
        Object given = value instanceof Pointer setting && !type.endsWith("[]") ? read(setting) : value;
        if (type.endsWith("?")) {
            return given == null ? null : converted(operator, parameter, type.substring(0, type.length() - 1), given);
        }
        if (given == null) throw wrong(operator, parameter.name() + " is not given");
        Object converted = null;
        if (type.endsWith("[]")) {
            String element = type.substring(0, type.length() - 2);
            List<?> list = list(given, parameter.length());
            if (list != null && AtenOperator.hasLists(element)) {
                List<@Nullable Object> elements = new ArrayList<>();
                for (Object one : list) elements.add(converted(operator, parameter, element, one));
                converted = elements;
            }
        } else {
            converted = one(type, given);
        }
        if (converted != null) return converted;
        throw wrong(operator, parameter.name() + " is not of type " + type + " but " + given);
    }

    /** Reads a setting of a layer; an undefined tensor, as a missing bias, is null. */
    private static @Nullable Object read(Pointer setting) {
        if (setting instanceof LongPointer number) return number.get();
        if (setting instanceof DoublePointer number) return number.get();
        if (setting instanceof BoolPointer flag) return flag.get();
        return setting instanceof Tensor tensor && !tensor.defined() ? null : setting;
    }

    /** Returns the elements of a list or an array, or one number repeated to a list's length; null for others. */
    private static @Nullable List<?> list(Object value, int length) {
        if (value instanceof List<?> list) return list;
        if (value instanceof long[] array) return Arrays.stream(array).boxed().toList();
        if (value instanceof int[] array)
            return Arrays.stream(array).mapToObj(i -> (long) i).toList();
        if (value instanceof double[] array) return Arrays.stream(array).boxed().toList();
        if (value instanceof LongPointer numbers && length > 0) {
            long[] array = new long[length];
            numbers.get(array);
            return Arrays.stream(array).boxed().toList();
        }
        return length > 0 ? Collections.nCopies(length, value) : null;
    }

    private static @Nullable Object one(String type, Object value) {
        boolean whole = value instanceof Long || value instanceof Integer;
        boolean real = value instanceof Double || value instanceof Float;
        boolean fits = switch (type) {
            case "Tensor" ->
                whole || real || value instanceof Boolean || value instanceof Activation || value instanceof Tensor;
            case "Scalar" -> whole || real || value instanceof Boolean;
            case "int", "SymInt" -> whole;
            case "float", "SymFloat" -> whole || real;
            case "bool", "SymBool" -> value instanceof Boolean;
            case "str" -> value instanceof String;
            case "ScalarType" -> value instanceof ScalarType;
            default -> false;
        };
        if (!fits) return null;
        if (real || type.endsWith("loat")) return ((Number) value).doubleValue();
        return whole ? (Object) ((Number) value).longValue() : value;
    }

    /**
     * Calls the operator; the results are in the open scope.
     *
     * @param device of new tensors, for operators without a tensor argument
     * @throws IllegalStateException if libtorch rejects the arguments
     */
    List<Tensor> results(Device device) {
        List<IValue> values = new ArrayList<>();
        for (Parameter parameter : operator.parameters()) {
            String name = parameter.name();
            if (arguments.containsKey(name)) values.add(value(parameter.type(), arguments.get(name)));
            else if (name.equals("device") && !arguments.containsKey("self")) values.add(new IValue(device));
            else values.add(parameter.fallback());
        }
        return tensors(operator, operator.call(values));
    }

    /** Returns the tensors that an operator returned, one by one also where they are a list. */
    static List<Tensor> tensors(AtenOperator operator, List<IValue> returned) {
        List<Tensor> results = new ArrayList<>();
        for (IValue value : returned) {
            if (value.isTensor()) {
                results.add(
                        new Tensor(value.toTensor())); // a handle of its own, for that is a reference into the value
            } else if (value.isTensorList()) {
                TensorVector list = value.toTensorVector();
                for (long i = 0; i < list.size(); i++) results.add(new Tensor(list.get(i)));
            } else {
                throw wrong(operator, "its results are not all tensors");
            }
        }
        return results;
    }

    /** Returns the trace that an argument belongs to, or null. */
    @Nullable
    Tracer tracer() {
        return arguments.values().stream()
                .flatMap(argument -> argument instanceof List<?> list ? list.stream() : Stream.of(argument))
                .map(argument -> argument instanceof Activation activation ? activation.tracer() : null)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static IValue value(String type, @Nullable Object argument) {
        if (argument == null) return new IValue();
        if (type.endsWith("?")) return value(type.substring(0, type.length() - 1), argument);
        if (argument instanceof Activation activation) return new IValue(activation.tensor);
        if (argument instanceof Tensor tensor) return new IValue(tensor);
        if (argument instanceof ScalarType scalarType) return new IValue(scalarType);
        if (argument instanceof String text) return new IValue(text);
        if (argument instanceof List<?> list) {
            String element = type.substring(0, type.length() - 2);
            GenericList values = AtenOperator.list(element);
            for (Object one : list) values.push_back(value(element, one));
            return new IValue(values);
        }
        IValue number = argument instanceof Long whole
                ? new IValue(whole)
                : argument instanceof Double real ? new IValue(real) : new IValue((Boolean) argument);
        return type.equals("Tensor") ? AtenOperator.tensor(number, new Device("cpu")) : number;
    }
}
