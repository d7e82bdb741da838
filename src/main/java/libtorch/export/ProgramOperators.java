package libtorch.export;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import libtorch.nn.AtenOperator;
import libtorch.nn.Tracer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The operators that a program in a file may call. A file may name any operator, so only those are called that compute
 * tensors from tensors. Rejected are: namespaces other than {@code aten}; names that begin with an underscore, which
 * are internal, except those that torch.export writes; operators that change the shape or the storage of a tensor in
 * place, or write to an {@code out} argument; {@code from_file}, the only one that opens files; kernels and backward
 * passes that do not check packed weights or indices, except those whose indices are checked here. Operators that
 * return uninitialized memory return zeros. Arguments that are storages, streams or generators are not supported.
 */
final class ProgramOperators {
    private static final Pattern REJECTED =
            Pattern.compile("from_file|(?!_(log_)?softmax_|native_dropout_|max_pool2d_with_indices_).*backward.*"
                    + "|.*empty.*quantized.*|set_?|set_data|resize.*|embedding_renorm"
                    + "|(fbgemm|mkldnn|cudnn|miopen|mps|quantized|sparse|batch_norm)_.*"
                    + "|convolution_overrideable|choose_qparams.*|requires_grad_|retain_grad|record_stream|rename_?");

    private static final Set<String> INTERNAL_BUT_EXPORTED = Set.of(
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
            "_batch_norm_with_update",
            "_cdist_forward",
            "_chunk_cat",
            "_conj",
            "_local_scalar_dense",
            "_log_softmax",
            "_log_softmax_backward_data",
            "_lu_with_info",
            "_native_batch_norm_legit",
            "_native_batch_norm_legit_functional",
            "_native_batch_norm_legit_no_training",
            "_prelu_kernel",
            "_safe_softmax",
            "_scaled_dot_product_attention_math",
            "_scaled_dot_product_flash_attention_for_cpu",
            "_softmax",
            "_softmax_backward_data",
            "_to_copy",
            "_unique2",
            "_unsafe_masked_index",
            "_unsafe_masked_index_put_accumulate",
            "_unsafe_view",
            "_upsample_bicubic2d_aa",
            "_upsample_bilinear2d_aa",
            "_upsample_nearest_exact1d",
            "_upsample_nearest_exact2d",
            "_upsample_nearest_exact3d",
            "_weight_norm");

    private static final Pattern UNINITIALIZED = Pattern.compile("(new_)?empty(_like|_strided|_permuted)?");

    private ProgramOperators() {}

    /** Returns the function that calls an operator for a program; uninitialized memory is set to zeros. */
    static Step.Function function(AtenOperator operator) {
        if (UNINITIALIZED.matcher(withoutOverload(operator)).matches())
            return (arguments, values) -> {
                List<IValue> results = operator.call(arguments);
                results.get(0).toTensor().zero_();
                return results;
            };
        return switch (operator.name()) {
            case "conv3d" ->
                (arguments, values) -> !Tracer.isInlining() && OneDnnConv3d.takes(arguments)
                        ? OneDnnConv3d.call(arguments)
                        : operator.call(arguments);
            case "linear" ->
                (arguments, values) -> !Tracer.isInlining() && OneDnnLinear.takes(arguments)
                        ? OneDnnLinear.call(arguments, values.reordered())
                        : operator.call(arguments);
            case "max_pool2d_with_indices_backward" ->
                (arguments, values) -> {
                    requireIndices(arguments.get(1).toTensor(), arguments.get(7).toTensor());
                    return operator.call(arguments);
                };
            case "segment_reduce" ->
                (arguments, values) -> {
                    requireSegments(arguments);
                    return operator.call(arguments);
                };
            default -> (arguments, values) -> operator.call(arguments);
        };
    }

    /** Checks that indices are those of an image's pixels. */
    private static void requireIndices(Tensor images, Tensor indices) {
        require(isWithin(indices, images.size(-1) * images.size(-2) - 1), "indices outside the images");
    }

    /** Checks that segments divide a dimension: lengths must add up to it, offsets must lie within it. */
    private static void requireSegments(List<IValue> arguments) {
        Tensor data = arguments.get(0).toTensor();
        long axis = arguments.get(5).toInt();
        for (int position : List.of(2, 4)) {
            if (arguments.get(position).isNone()) continue;
            Tensor segments = arguments.get(position).toTensor();
            boolean fit = segments.dim() == axis + 1 && data.dim() > axis;
            for (int d = 0; fit && d < axis; d++) fit = segments.size(d) == data.size(d);
            require(fit, "segments of another shape than the data");
            long n = data.size(axis);
            boolean divide = position == 2
                    ? segments.sum(-1).eq(new Scalar(n)).all().item_bool()
                    : segments.diff().ge(new Scalar(0)).all().item_bool();
            require(isWithin(segments, n) && divide, "segments that do not divide the data");
        }
    }

    private static boolean isWithin(Tensor numbers, long largest) {
        return numbers.ge(new Scalar(0))
                .logical_and(numbers.le(new Scalar(largest)))
                .all()
                .item_bool();
    }

    private static void require(boolean right, String what) {
        if (!right) throw new IllegalStateException("an operator is given " + what);
    }

    /** Returns the name without its overload. */
    private static String withoutOverload(AtenOperator operator) {
        return operator.name().replaceFirst("\\..*", "");
    }

    /**
     * Finds an operator.
     *
     * @param target its name in files, as "torch.ops.aten.flatten.using_ints"
     * @throws IllegalArgumentException if there is none, or it may not be called
     */
    static AtenOperator find(String target) {
        boolean aten = target.startsWith(AtenOperator.PREFIX);
        String name = aten ? target.substring(AtenOperator.PREFIX.length()) : target;
        if (!aten || name.split("\\.", -1).length != 2)
            throw new IllegalArgumentException(target + " is not an operator of ATen");
        AtenOperator operator = AtenOperator.named(name.replaceFirst("\\.default$", ""));
        require(operator);
        return operator;
    }

    /** @throws IllegalArgumentException if a program in a file may not call an operator */
    static void require(AtenOperator operator) {
        String name = withoutOverload(operator);
        boolean refused =
                (name.startsWith("_") && !INTERNAL_BUT_EXPORTED.contains(name.replaceFirst("(?<=[^_])_$", "")))
                        || REJECTED.matcher(name).matches()
                        || (operator.changesShape() && !name.equals("detach_"))
                        || operator.name().equals("lstm.data")
                        || operator.parameters().stream().anyMatch(AtenOperator.Parameter::out);
        if (refused)
            throw new IllegalArgumentException(operator.target() + " may not be called by a program in a file");
    }
}
