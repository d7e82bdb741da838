package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import libtorch.export.Step.Values;
import libtorch.nn.AtenOperator;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DoubleComplex;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.Layout;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads the arguments of operators, and checks them against the operators' schemas.
 *
 * @param defined names of the values that are defined so far
 * @param device of numbers that are passed as tensors
 */
record ArgumentReader(Set<String> defined, Device device) {
    /** Formats by their numbers in files, from 1. */
    static final List<@Nullable MemoryFormat> FORMATS = Arrays.asList(
            null,
            MemoryFormat.Contiguous,
            MemoryFormat.ChannelsLast,
            MemoryFormat.ChannelsLast3d,
            MemoryFormat.Preserve);

    /** Returns an argument when the operator is called; new values are in the open scope. */
    interface Source {
        IValue get(Values values);

        /** Returns the names of the values that it uses. */
        default List<String> names() {
            return List.of();
        }
    }

    private record Named(String name, boolean asTensor) implements Source {
        @Override
        public IValue get(Values values) {
            IValue value = values.named().get(name);
            if (value == null) throw new IllegalArgumentException(name + " is used before it is computed");
            return asTensor && !value.isTensor() ? AtenOperator.tensor(value, values.device()) : value;
        }

        @Override
        public List<String> names() {
            return List.of(name);
        }
    }

    private record ListOf(List<Source> elements, String type) implements Source {
        @Override
        public IValue get(Values values) {
            GenericList list = AtenOperator.list(type);
            for (Source element : elements) list.push_back(element.get(values));
            return new IValue(list);
        }

        @Override
        public List<String> names() {
            return elements.stream()
                    .flatMap(element -> element.names().stream())
                    .toList();
        }
    }

    /**
     * Reads an argument.
     *
     * @param type the parameter's, as in the schema
     * @param argument an object with one field, which names its kind
     * @throws IllegalArgumentException if it is of another type, or a value that is not defined yet
     */
    Source read(String type, Json argument) {
        String kind = argument.kind();
        if (type.endsWith("?")) {
            return kind.equals("as_none")
                    ? constant(new IValue())
                    : read(type.substring(0, type.length() - 1), argument);
        }
        if (!type.endsWith("[]")) return one(type, kind, argument.value());
        String elementType = type.substring(0, type.length() - 2);
        if (!kind.matches("as_(int|float|bool|string|tensor|sym_int|sym_float|sym_bool|optional_tensor)s"))
            throw argument.wrong("of type " + type);
        String elementKind = kind.substring(0, kind.length() - 1);
        List<Source> elements = new ArrayList<>();
        for (Json element : argument.value().list()) elements.add(element(elementType, elementKind, element));
        ListOf list = new ListOf(elements, elementType);
        return list.names().isEmpty() ? constant(list.get(Values.of(Map.of(), device))) : list;
    }

    /** Reads the elements of a list of tensors or numbers as arguments. */
    List<Source> elements(Json argument) {
        String kind = argument.kind().substring(0, argument.kind().length() - 1);
        List<Source> elements = new ArrayList<>();
        for (Json element : argument.value().list())
            elements.add(one(kind.equals("as_tensor") ? "Tensor" : "Scalar", kind, element));
        return elements;
    }

    private Source element(String type, String kind, Json element) {
        if (!type.endsWith("?")) return one(type, kind, element);
        boolean absent = kind.equals("as_optional_tensor") && element.kind().equals("as_none");
        return absent ? constant(new IValue()) : one(type.substring(0, type.length() - 1), kind, element);
    }

    private Source one(String type, String kind, Json value) {
        return switch (kind) {
            case "as_tensor" -> named(type, "Tensor", value.get("name"));
            case "as_optional_tensor" -> one(type, value.kind(), value.value());
            case "as_sym_int", "as_sym_float", "as_sym_bool" ->
                value.kind().equals("as_name")
                        ? named(type, numberType(type, kind), value.value())
                        : one(type, value.kind(), value.value());
            case "as_device" -> {
                if (!type.equals("Device")) throw value.wrong("of type " + type);
                yield values -> new IValue(values.device());
            }
            default -> constant(literal(type, kind, value));
        };
    }

    /** Returns the type if it takes numbers of the kind, else the type of the kind. */
    private static String numberType(String type, String kind) {
        List<String> takes = switch (kind) {
            case "as_sym_int" -> List.of("int", "SymInt", "Scalar", "Tensor");
            case "as_sym_float" -> List.of("float", "SymFloat", "Scalar", "Tensor");
            default -> List.of("bool", "SymBool", "Scalar", "Tensor");
        };
        return takes.contains(type) ? type : takes.get(0);
    }

    private Source named(String type, String given, Json name) {
        if (!type.equals(given)) throw name.wrong("of type " + type);
        return named(type, name);
    }

    /** Reads the name of a value that is already defined. */
    Source named(String type, Json name) {
        if (!defined.contains(name.text())) throw name.wrong("computed before it is used");
        return new Named(name.text(), type.equals("Tensor"));
    }

    /** Returns the source of a value, unconverted. */
    Source value(String name) {
        return new Named(name, false);
    }

    private IValue literal(String type, String kind, Json value) {
        return switch (type + " " + kind) {
            case "int as_int", "SymInt as_int", "Scalar as_int" -> new IValue(value.integer());
            case "float as_int", "float as_float", "SymFloat as_float", "Scalar as_float" -> new IValue(value.real());
            case "bool as_bool", "SymBool as_bool", "Scalar as_bool" -> new IValue(value.flag());
            case "Scalar as_complex" ->
                new IValue(new Scalar(new DoubleComplex(
                        value.get("real").real(), value.get("imag").real())));
            case "Tensor as_int", "Tensor as_float", "Tensor as_bool", "Tensor as_complex" ->
                AtenOperator.tensor(literal("Scalar", kind, value), device);
            case "str as_string" -> new IValue(value.text());
            case "ScalarType as_scalar_type" -> new IValue(ExportedArchive.type(value));
            case "Layout as_layout" -> {
                if (value.integer() != 7) throw value.wrong("that of a dense tensor");
                yield new IValue(Layout.Strided);
            }
            case "MemoryFormat as_memory_format" -> {
                long code = value.integer();
                if (code <= 0 || code >= FORMATS.size()) throw value.wrong("a memory format");
                yield new IValue(Objects.requireNonNull(FORMATS.get((int) code)));
            }
            default -> throw value.wrong("of type " + type);
        };
    }

    private static Source constant(IValue value) {
        return values -> value;
    }
}
