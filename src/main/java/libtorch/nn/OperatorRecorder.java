package libtorch.nn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.AtenOperator.Parameter;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Records the operators that a computation calls on tensors, as those of an exported program, in a trace. */
final class OperatorRecorder {
    private static final ThreadLocal<@Nullable OperatorRecorder> CURRENT = new ThreadLocal<>();

    /** Types of arguments that files do not need: their tensors are dense and on one device. */
    private static final Set<String> PLACES = Set.of("Device", "Layout");

    private static final Pattern DROPOUT = Pattern.compile("(feature_)?(alpha_)?dropout_?");

    private final Tracer tracer;
    private final Map<Long, Activation> values = new HashMap<>(); // by the addresses of their tensors
    private final Map<Long, Set<Long>> sharing = new HashMap<>(); // addresses of tensors, by that of their storage
    private final PointerScope scope = new PointerScope(); // keeps the tensors alive, so that addresses stay unique

    private OperatorRecorder(Tracer tracer) {
        this.tracer = tracer;
    }

    /** Returns the recorder of the computation that runs in this thread, or null. */
    static @Nullable OperatorRecorder current() {
        return CURRENT.get();
    }

    /** Runs a computation, and returns its results as activations of the trace. */
    static List<Activation> run(
            Tracer tracer, List<Activation> arguments, Function<List<Tensor>, List<Tensor>> computation) {
        PointerScope outer = PointerScope.getInnerScope();
        OperatorRecorder recorder = new OperatorRecorder(tracer);
        CURRENT.set(recorder);
        try (PointerScope scope = recorder.scope) {
            arguments.forEach(recorder::add);
            List<Activation> results = new ArrayList<>();
            List<Tensor> tensors =
                    arguments.stream().map(argument -> argument.tensor).toList();
            for (Tensor result : computation.apply(tensors)) {
                Activation value = recorder.values.get(Tracer.address(result));
                if (value == null) throw recorder.cannotSave("a result that is not computed from its inputs");
                outer.attach(value.tensor);
                results.add(value);
            }
            return results;
        } finally {
            CURRENT.remove();
        }
    }

    LibTorchException cannotSave(String part) {
        return tracer.cannotSave("an exported program has " + part, "save the program by itself, as .pt2");
    }

    /** Records a call of an operator if this thread's computation is recorded. */
    static void called(AtenOperator operator, List<IValue> arguments, List<IValue> returned) {
        OperatorRecorder recorder = CURRENT.get();
        if (recorder != null && !returned.isEmpty()) recorder.record(operator, arguments, returned);
    }

    private void record(AtenOperator operator, List<IValue> supplied, List<IValue> returned) {
        if (returned.stream().noneMatch(value -> value.isTensor() || value.isTensorList())) {
            if (operator.name().startsWith("sym_")) return; // a size, which the trace compares as a number
            throw cannotSave("a number that is computed from tensors, by " + operator.target());
        }
        if (DROPOUT.matcher(operator.name()).matches()) return; // in eval mode the result is the argument
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        for (int i = 0; i < supplied.size(); i++) {
            Parameter parameter = operator.parameters().get(i);
            String type = parameter.type().replace("?", "");
            IValue fallback = parameter.fallback();
            boolean given =
                    fallback == null || fallback.address() != supplied.get(i).address();
            if (given && !PLACES.contains(type)) arguments.put(parameter.name(), argument(type, supplied.get(i)));
        }
        List<Tensor> results = OperatorCall.tensors(operator, returned);
        if (results.isEmpty()) return;
        results.forEach(scope::attach);
        boolean moved = operator.name().equals("to.device") || operator.name().equals("to.dtype_layout");
        AtenOperator recorded = moved && arguments.get("dtype") != null
                ? AtenOperator.named("to.dtype") // without the device
                : outOfPlace(operator, supplied, results.get(0));
        OperatorCall call = new OperatorCall(recorded, arguments);
        tracer.record(call, results).forEach(this::add);
    }

    private void add(Activation value) {
        long address = Tracer.address(value.tensor);
        values.put(address, value);
        sharing.computeIfAbsent(Tensors.storageAddress(value.tensor), storage -> new HashSet<>())
                .add(address);
    }

    /** Returns the out-of-place variant, if the result is of one type and no other tensor shares the changed memory. */
    private AtenOperator outOfPlace(AtenOperator operator, List<IValue> supplied, Tensor result) {
        boolean inPlace = operator.parameters().stream().anyMatch(Parameter::written);
        if (!inPlace
                || sharing.getOrDefault(Tensors.storageAddress(result), Set.of())
                                .size()
                        > 1) return operator;
        try {
            AtenOperator other = AtenOperator.named(operator.name().replaceFirst("_(?=\\.|$)", ""));
            boolean fits = signature(other).equals(signature(operator));
            return fits && type(other, supplied) == result.scalar_type().intern() ? other : operator;
        } catch (IllegalArgumentException e) { // there is no other
            return operator;
        }
    }

    /** Returns the type of an operator's result, which is not recorded. */
    private ScalarType type(AtenOperator operator, List<IValue> supplied) {
        CURRENT.remove();
        try {
            return operator.call(supplied).get(0).toTensor().scalar_type().intern();
        } finally {
            CURRENT.set(this);
        }
    }

    private static List<String> signature(AtenOperator operator) {
        return operator.parameters().stream()
                .map(parameter -> parameter.name() + parameter.type())
                .toList();
    }

    /** Converts an argument to one of the classes that those of an {@link OperatorCall} have. */
    private @Nullable Object argument(String type, IValue value) {
        if (value.isNone()) return null;
        if (value.isTensor()) return tensor(value.toTensor());
        if (value.isList()) {
            GenericList list = value.toList();
            List<@Nullable Object> elements = new ArrayList<>();
            for (long i = 0; i < list.size(); i++) elements.add(argument(type.replace("[]", ""), list.get(i)));
            return elements;
        }
        if (value.isString()) return value.toStringRef().getString();
        if (value.isBool()) return value.toBool();
        if (value.isDouble()) return value.toDouble();
        if (!value.isInt()) throw cannotSave("a complex number");
        return switch (type) {
            case "ScalarType" -> value.toScalarType().intern();
            case "MemoryFormat" -> value.toMemoryFormat().intern();
            default -> value.toInt();
        };
    }

    private Object tensor(Tensor tensor) {
        Activation value = values.get(Tracer.address(tensor));
        if (value != null) return value;
        if (!tensor.unsafeGetTensorImpl().is_wrapped_number()) return tensor;
        if (tensor.is_floating_point()) return tensor.item_double();
        return tensor.scalar_type().intern() == ScalarType.Bool ? (Object) tensor.item_bool() : tensor.item_long();
    }
}
