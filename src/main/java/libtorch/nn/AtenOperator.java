package libtorch.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.ListType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorHandleOptional;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type.TypePtr;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.Tag;
import org.jspecify.annotations.Nullable;

/**
 * An operator of ATen, of those in {@code native_functions.yaml}, called through libtorch's dispatcher. Each is looked
 * up once per process.
 */
public final class AtenOperator {
    static {
        LibTorch.ensureLoaded();
    }

    /** The prefix of ATen operators' names in Python and in files. */
    public static final String PREFIX = "torch.ops.aten.";

    private static final Map<String, TypePtr> ELEMENTS = Map.of(
            "Tensor", element(ListType.ofTensors()),
            "Tensor?", element(ListType.ofOptionalTensors()),
            "int", element(ListType.ofInts()),
            "SymInt", element(ListType.ofInts()),
            "float", element(ListType.ofFloats()),
            "bool", element(ListType.ofBools()),
            "str", element(ListType.ofStrings()));

    private static TypePtr element(ListType list) {
        return retained(list.containedType(0));
    }

    private static final Map<String, AtenOperator> FOUND = new ConcurrentHashMap<>();

    /** Whether this thread computes a share of a batch, for {@link #onShare}. */
    private static final ThreadLocal<Boolean> ON_SHARE = ThreadLocal.withInitial(() -> false);

    /**
     * An argument of the schema.
     *
     * @param type as in native_functions.yaml: "Tensor", "SymInt[]?"
     * @param fallback the default value, or null
     * @param written whether the operator mutates it in place
     * @param out whether it is a tensor that the result is written to
     * @param length of a list that one number may replace, as 2 for {@code int[2] stride}; 0 if none may
     * @param keywordOnly whether Python takes it by name only
     */
    public record Parameter(
            String name,
            String type,
            @Nullable IValue fallback,
            boolean written,
            boolean out,
            int length,
            boolean keywordOnly) {}

    private final String name;
    private final OperatorHandle handle;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<String> returns = new ArrayList<>();
    private final boolean view; // whether a result may share memory with an argument
    private final boolean random; // whether it draws random numbers
    private final boolean isLstm;
    private final boolean isBatchNorm; // whose kernel does not check its statistics

    /**
     * Finds an operator.
     *
     * @param name with its overload if it has one, as "conv2d" or "flatten.using_ints"
     * @throws IllegalArgumentException if there is none
     */
    public static AtenOperator named(String name) {
        AtenOperator found = FOUND.get(name);
        return found != null ? found : FOUND.computeIfAbsent(name, AtenOperator::new);
    }

    private AtenOperator(String name) {
        this.name = name;
        isLstm = name.startsWith("lstm.");
        isBatchNorm = name.matches(".*(native_batch_norm|_batch_norm_with_update).*");
        try (PointerScope scope = new PointerScope()) {
            int point = name.indexOf('.');
            OperatorHandleOptional found = Dispatcher.singleton()
                    .findSchema(new OperatorName(
                            "aten::" + (point < 0 ? name : name.substring(0, point)),
                            point < 0 ? "" : name.substring(point + 1)));
            if (!found.has_value())
                throw new IllegalArgumentException("there is no operator " + target() + overloads());
            handle = retained(new OperatorHandle(found.get()));
            FunctionSchema schema = handle.schema();
            Argument arguments = schema.arguments(); // null if there are none
            for (long i = 0; arguments != null && i < arguments.limit(); i++) {
                Argument argument = arguments.getPointer(i);
                IValue fallback = argument.default_value().has_value()
                        ? retained(new IValue(argument.default_value().get()))
                        : null;
                parameters.add(new Parameter(
                        string(argument.name()),
                        string(argument.real_type().get().str()),
                        fallback,
                        argument.alias_info() != null && argument.alias_info().isWrite(),
                        argument.is_out(),
                        argument.N().has_value() ? argument.N().get() : 0,
                        argument.kwarg_only()));
            }
            view = schema.hasAnyAliasInfo();
            random = handle.hasTag(Tag.nondeterministic_seeded);
            Argument results = schema.returns(); // null if there are none
            for (long i = 0; results != null && i < results.limit(); i++)
                returns.add(string(results.getPointer(i).real_type().get().str()));
        }
    }

    /** Lists the overloads of an operator, for the message that an overload does not exist. */
    private String overloads() {
        String begin = "aten::" + name.replaceFirst("\\..*", "");
        OperatorName all = Dispatcher.singleton().getAllOpNames();
        Set<String> overloads = new TreeSet<>();
        for (long i = 0; i < all.limit(); i++) {
            OperatorName other = all.getPointer(OperatorName.class, i);
            String overload = string(other.overload_name());
            if (!string(other.name()).equals(begin) || overload.endsWith("out")) continue;
            overloads.add(begin.substring("aten::".length()) + (overload.isEmpty() ? "" : "." + overload));
        }
        return overloads.isEmpty() ? "" : "; there are " + String.join(", ", overloads);
    }

    /** Retains a native object beyond the open scope, until the process ends. */
    private static <P extends Pointer> P retained(P pointer) {
        pointer.retainReference();
        return pointer;
    }

    private static String string(BytePointer text) {
        return text == null ? "" : text.getString();
    }

    /** Returns its name, with its overload if it has one. */
    public String name() {
        return name;
    }

    /** Returns its name in Python and in files, as "torch.ops.aten.conv2d.default". */
    public String target() {
        return target(name);
    }

    /** Returns an operator's name in Python and in files. */
    public static String target(String name) {
        return PREFIX + name + (name.contains(".") ? "" : ".default");
    }

    /** Returns whether it changes the shape of a tensor in place. */
    public boolean changesShape() {
        return handle.hasTag(Tag.inplace_view);
    }

    /** Returns whether a result may share memory with an argument, according to the schema. */
    public boolean mayReturnView() {
        return view;
    }

    public List<Parameter> parameters() {
        return parameters;
    }

    public Parameter parameter(String argument) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(argument))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(target() + " has no argument " + argument));
    }

    public int results() {
        return returns.size();
    }

    /** Returns the types of its results, as in the schema: "Tensor" or "Tensor[]" mostly. */
    public List<String> returns() {
        return returns;
    }

    /** Returns its schema as PyTorch writes it: name, arguments with their types and defaults, types of the results. */
    public String schema() {
        try (PointerScope scope = new PointerScope()) {
            return string(torch.toString(handle.schema())).replaceFirst("^aten::", "");
        }
    }

    /**
     * Calls the operator; arguments and results are in the open scope.
     *
     * @param arguments one for each parameter, of its type
     * @throws OperatorException if libtorch rejects them
     */
    public List<IValue> call(List<IValue> arguments) {
        if (ON_SHARE.get()) requireDivisible(arguments);
        if (isLstm) requireFitting(arguments);
        if (isBatchNorm) requireOneForEachChannel(arguments);
        IValueVector stack = new IValueVector(arguments.toArray(IValue[]::new));
        try {
            handle.callBoxed(stack);
        } catch (RuntimeException e) {
            throw new OperatorException(target(), LibTorch.firstLine(e), e);
        }
        List<IValue> returned = new ArrayList<>();
        for (long i = 0; i < stack.size(); i++) returned.add(new IValue(stack.get(i)));
        OperatorRecorder.called(this, arguments, returned);
        return returned;
    }

    static boolean hasLists(String element) {
        return ELEMENTS.containsKey(element);
    }

    /**
     * Makes an empty list for an argument, in the open scope.
     *
     * @param element type of its elements as in the schema, as "Tensor?" or "SymInt"
     * @throws IllegalArgumentException if no operator takes such lists
     */
    public static GenericList list(String element) {
        if (!hasLists(element)) throw new IllegalArgumentException("lists of " + element + " cannot be made");
        return new GenericList(ELEMENTS.get(element));
    }

    /** Wraps a number in a tensor that type promotion treats as a number, as Python does. */
    public static IValue tensor(IValue number, Device device) {
        Tensor tensor = torch.scalar_to_tensor(number.toScalar(), device);
        tensor.unsafeGetTensorImpl().set_wrapped_number(true);
        return new IValue(tensor);
    }

    /**
     * Runs a forward pass on one rank's share of a batch. It rejects operators whose results would differ from those on
     * the whole batch: batch norm in training, and operators that draw random numbers, as dropout in training.
     *
     * @throws LibTorchException if one is called
     */
    public static <R> R onShare(Supplier<R> forward) {
        ON_SHARE.set(true);
        try {
            return forward.get();
        } finally {
            ON_SHARE.set(false);
        }
    }

    private void requireDivisible(List<IValue> arguments) {
        boolean byBatch = name.contains("batch_norm") && !name.contains("no_training");
        boolean counts = name.startsWith("instance_norm") && arguments.get(3).isTensor(); // running statistics
        if (!random && !byBatch && !counts) return;
        for (int i = 0; i < arguments.size(); i++) {
            IValue argument = arguments.get(i);
            boolean off = switch (parameters.get(i).name()) {
                case "training", "train", "use_input_stats" -> argument.isBool() && !argument.toBool();
                case "p", "dropout", "dropout_p" -> argument.isDouble() && argument.toDouble() == 0;
                default -> false;
            };
            if (off) return;
        }
        throw new LibTorchException(
                target() + (random ? " draws random numbers" : " uses the whole batch")
                        + " in training, which several ranks cannot divide",
                "train it in one process");
    }

    /** Checks the shapes of an LSTM's arguments: the CPU kernel takes them from the weights, not the input. */
    private void requireFitting(List<IValue> arguments) {
        Tensor input = arguments.get(0).toTensor();
        TensorVector states = arguments.get(1).toTensorVector();
        TensorVector weights = arguments.get(2).toTensorVector();
        boolean biases = arguments.get(3).toBool();
        long directions = arguments.get(7).toBool() ? 2 : 1;
        boolean batchFirst = arguments.get(8).toBool();
        boolean fits = input.dim() == 3
                && states.size() == 2
                && states.get(0).dim() == 3
                && states.get(1).dim() == 3;
        if (!fits) throw new OperatorException(target(), "its input and its two states have three dimensions", null);
        long hidden = states.get(1).size(2);
        long projected = states.get(0).size(2); // hidden, unless the layers project their results
        long[] state = {arguments.get(4).toInt() * directions, input.size(batchFirst ? 0 : 1), projected};
        List<long[]> shapes = new ArrayList<>(List.of(state, new long[] {state[0], state[1], hidden}));
        for (long layer = 0; layer < state[0] && shapes.size() <= 2 + weights.size(); layer++) {
            long width = layer < directions ? input.size(2) : projected * directions;
            shapes.add(new long[] {4 * hidden, width});
            shapes.add(new long[] {4 * hidden, projected});
            for (int bias = 0; biases && bias < 2; bias++) shapes.add(new long[] {4 * hidden});
            if (projected != hidden) shapes.add(new long[] {projected, hidden});
        }
        fits = shapes.size() == 2 + weights.size();
        for (int i = 0; fits && i < shapes.size(); i++) {
            Tensor tensor = i < 2 ? states.get(i) : weights.get(i - 2);
            fits = Arrays.equals(tensor.shape(), shapes.get(i))
                    && tensor.scalar_type().intern() == input.scalar_type().intern();
        }
        if (!fits) throw new OperatorException(target(), "its weights and states do not fit its input", null);
    }

    /** Checks batch norm's weights and statistics, which otherwise only the operators that call it check. */
    private void requireOneForEachChannel(List<IValue> arguments) {
        int statistics = 0;
        boolean training = false;
        for (int i = 0; i < arguments.size(); i++) {
            String parameter = parameters.get(i).name();
            if (parameter.startsWith("running_") && arguments.get(i).isTensor()) statistics++;
            if (parameter.equals("training")) training = arguments.get(i).toBool();
        }
        Tensor input = arguments.get(0).toTensor();
        boolean fit = input.dim() >= 2
                && (training || statistics == 2) // those of the batch, or given ones
                && arguments.stream()
                        .skip(1)
                        .filter(IValue::isTensor)
                        .allMatch(tensor -> tensor.toTensor().numel() == input.size(1));
        if (!fit) throw new OperatorException(target(), "its weights and statistics do not fit its input", null);
    }
}
