package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import libtorch.LibTorch;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorHandleOptional;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.Tag;
import org.jspecify.annotations.Nullable;

/**
 * An operator of ATen that a program may call, by its schema in libtorch's dispatcher.
 *
 * <p>A program in a file may name any operator, so only those are called that compute tensors from tensors. Refused
 * are: other namespaces than {@code aten}; names with an underscore in front, which are libtorch's own business, but
 * for those that torch.export writes; operators that change the shape or the storage of a tensor in place, or write to
 * an
 * {@code out} argument; {@code from_file}, the only one that opens files; kernels that trust packed weights or indices
 * from their callers, and backward passes; and those that return memory as they find it. Arguments that are storages,
 * streams or generators cannot be given.
 */
final class AtenOperator {
    /** Begins the names of ATen's operators in files. */
    static final String PREFIX = "torch.ops.aten.";

    private static final Pattern REFUSED = Pattern.compile("from_file|.*backward.*|.*empty.*|set_?|set_data|resize.*"
            + "|segment_reduce|embedding_renorm|(fbgemm|mkldnn|cudnn|miopen|mps|quantized|sparse|batch_norm)_.*"
            + "|convolution_overrideable|choose_qparams.*|requires_grad_|retain_grad|record_stream|rename_?");

    private static final Set<String> OWN_BUT_WRITTEN = Set.of(
            "__and__",
            "__lshift__",
            "__or__",
            "__rshift__",
            "__xor__",
            "_adaptive_avg_pool2d",
            "_adaptive_avg_pool3d",
            "_assert_async",
            "_assert_scalar",
            "_assert_tensor_metadata",
            "_cdist_forward",
            "_conj",
            "_local_scalar_dense",
            "_log_softmax",
            "_native_batch_norm_legit",
            "_native_batch_norm_legit_no_training",
            "_prelu_kernel",
            "_safe_softmax",
            "_scaled_dot_product_attention_math",
            "_scaled_dot_product_flash_attention_for_cpu",
            "_softmax",
            "_to_copy",
            "_unsafe_view",
            "_upsample_bicubic2d_aa",
            "_upsample_bilinear2d_aa",
            "_upsample_nearest_exact1d",
            "_upsample_nearest_exact2d",
            "_upsample_nearest_exact3d",
            "_weight_norm");

    /**
     * An argument of the schema.
     *
     * @param type as in native_functions.yaml: "Tensor", "SymInt[]?"
     * @param fallback the default value, or null
     * @param written whether the operator changes it in place
     */
    record Parameter(String name, String type, @Nullable IValue fallback, boolean written) {}

    private final String target;
    private final OperatorHandle handle;
    private final List<Parameter> parameters = new ArrayList<>();
    private final int results;

    /**
     * Finds an operator, in the open scope.
     *
     * @param target its name in files, as "torch.ops.aten.flatten.using_ints"
     * @throws IllegalArgumentException where there is none, or it may not be called
     */
    AtenOperator(String target) {
        this.target = target;
        String[] name =
                target.startsWith(PREFIX) ? target.substring(PREFIX.length()).split("\\.", -1) : new String[0];
        if (name.length != 2) throw new IllegalArgumentException(target + " is not an operator of ATen");
        String overload = name[1].equals("default") ? "" : name[1];
        OperatorHandleOptional found =
                Dispatcher.singleton().findSchema(new OperatorName("aten::" + name[0], overload));
        if (!found.has_value()) throw new IllegalArgumentException("there is no operator " + target);
        handle = new OperatorHandle(found.get());
        FunctionSchema schema = handle.schema();
        boolean refused =
                (name[0].startsWith("_") && !OWN_BUT_WRITTEN.contains(name[0].replaceFirst("(?<=[^_])_$", "")))
                        || REFUSED.matcher(name[0]).matches()
                        || (handle.hasTag(Tag.inplace_view) && !name[0].equals("detach_"))
                        || target.equals(PREFIX + "lstm.data");
        Argument arguments = schema.arguments(); // null where there are none
        for (long i = 0; arguments != null && i < arguments.limit(); i++) {
            Argument argument = arguments.getPointer(i);
            refused |= argument.is_out();
            IValue fallback = argument.default_value().has_value()
                    ? new IValue(argument.default_value().get())
                    : null;
            parameters.add(new Parameter(
                    string(argument.name()),
                    string(argument.real_type().get().str()),
                    fallback,
                    argument.alias_info() != null && argument.alias_info().isWrite()));
        }
        if (refused) throw new IllegalArgumentException(target + " may not be called by a program in a file");
        results = schema.returns() == null ? 0 : (int) schema.returns().limit();
    }

    private static String string(BytePointer text) {
        return text == null ? "" : text.getString();
    }

    List<Parameter> parameters() {
        return parameters;
    }

    Parameter parameter(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(target + " has no argument " + name));
    }

    int results() {
        return results;
    }

    /**
     * Calls the operator; arguments and results are in the open scope.
     *
     * @param arguments one for each parameter, of its type
     * @throws IllegalStateException where libtorch refuses them
     */
    List<IValue> call(List<IValue> arguments) {
        if (target.startsWith(PREFIX + "lstm.")) requireFitting(arguments);
        if (target.contains("native_batch_norm")) requireOneForEachChannel(arguments);
        IValueVector stack = new IValueVector(arguments.toArray(IValue[]::new));
        try {
            handle.callBoxed(stack);
        } catch (RuntimeException e) {
            throw new IllegalStateException(target + ": " + LibTorch.firstLine(e), e);
        }
        List<IValue> returned = new ArrayList<>();
        for (long i = 0; i < stack.size(); i++) returned.add(new IValue(stack.get(i)));
        return returned;
    }

    /** Checks the shapes of an LSTM: on the CPU its kernel takes them from the weights, whatever the input is. */
    private void requireFitting(List<IValue> arguments) {
        Tensor input = arguments.get(0).toTensor();
        TensorVector states = arguments.get(1).toTensorVector();
        TensorVector weights = arguments.get(2).toTensorVector();
        boolean biases = arguments.get(3).toBool();
        long directions = arguments.get(7).toBool() ? 2 : 1;
        boolean batchFirst = arguments.get(8).toBool();
        boolean fits = input.dim() == 3 && states.size() == 2 && states.get(0).dim() == 3;
        if (!fits) throw new IllegalStateException(target + ": its input and its two states have three dimensions");
        long hidden = states.get(0).size(2);
        long[] state = {arguments.get(4).toInt() * directions, input.size(batchFirst ? 0 : 1), hidden};
        List<long[]> shapes = new ArrayList<>(List.of(state, state));
        for (long layer = 0; layer < state[0] && shapes.size() <= 2 + weights.size(); layer++) {
            long width = layer < directions ? input.size(2) : hidden * directions;
            shapes.add(new long[] {4 * hidden, width});
            shapes.add(new long[] {4 * hidden, hidden});
            for (int bias = 0; biases && bias < 2; bias++) shapes.add(new long[] {4 * hidden});
        }
        fits = shapes.size() == 2 + weights.size();
        for (int i = 0; fits && i < shapes.size(); i++) {
            Tensor tensor = i < 2 ? states.get(i) : weights.get(i - 2);
            fits = Arrays.equals(tensor.shape(), shapes.get(i))
                    && tensor.scalar_type().intern() == input.scalar_type().intern();
        }
        if (!fits) throw new IllegalStateException(target + ": its weights and states do not fit its input");
    }

    /** Checks batch norm's weights and statistics, which only the operators that call this one check. */
    private void requireOneForEachChannel(List<IValue> arguments) {
        int statistics = 0;
        boolean training = false;
        for (int i = 0; i < arguments.size(); i++) {
            String name = parameters.get(i).name();
            if (name.startsWith("running_") && arguments.get(i).isTensor()) statistics++;
            if (name.equals("training")) training = arguments.get(i).toBool();
        }
        Tensor input = arguments.get(0).toTensor();
        boolean fit = input.dim() >= 2
                && (training || statistics == 2) // those of the batch, or given ones
                && arguments.stream()
                        .skip(1)
                        .filter(IValue::isTensor)
                        .allMatch(tensor -> tensor.toTensor().numel() == input.size(1));
        if (!fit) throw new IllegalStateException(target + ": its weights and statistics do not fit its input");
    }
}
