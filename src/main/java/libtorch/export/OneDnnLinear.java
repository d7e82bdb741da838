package libtorch.export;

import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OperatorHandleOptional;
import org.bytedeco.pytorch.OperatorName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Fully connected layers by oneDNN, on OpenMP's threads, as convolutions. ATen's operator would use OpenBLAS, which has
 * one thread if OpenMP has several: see {@link libtorch.LibTorch.Pool}. Without gradients.
 */
final class OneDnnLinear {
    /** Below this number of multiplications, the call takes longer than more threads save. */
    private static final long LEAST = 1 << 20;

    private static final @Nullable OperatorHandle LINEAR = operator("_linear_pointwise");
    private static final @Nullable OperatorHandle REORDER = operator("_reorder_linear_weight");
    private static final IValue NO_SCALARS = noScalars();

    private static @Nullable OperatorHandle operator(String name) {
        try (PointerScope scope = new PointerScope()) {
            OperatorHandleOptional found = Dispatcher.singleton().findSchema(new OperatorName("mkldnn::" + name, ""));
            if (!Context.hasMKLDNN() || !found.has_value()) return null;
            OperatorHandle handle = new OperatorHandle(found.get());
            handle.retainReference();
            return handle;
        }
    }

    /** Returns the empty list of the activation's arguments: there is no activation. */
    private static IValue noScalars() {
        IValue none = new IValue();
        if (LINEAR != null) {
            try (PointerScope scope = new PointerScope()) {
                Argument scalars = LINEAR.schema().arguments().getPointer(4);
                none.put(new IValue(new GenericList(scalars.real_type().get().containedType(0))));
            }
        }
        none.retainReference();
        return none;
    }

    private OneDnnLinear() {}

    /** Returns whether {@link #call} supports the arguments of aten.linear, input, weight and bias, and is faster. */
    static boolean takes(List<IValue> arguments) {
        if (LINEAR == null || GradMode.is_enabled() || torch.get_num_threads() == 1) return false;
        Tensor input = arguments.get(0).toTensor();
        Tensor weight = arguments.get(1).toTensor();
        return weight.dim() == 2
                && input.dim() >= 2
                && input.numel() * weight.size(0) >= LEAST
                && isPlain(input)
                && isPlain(weight)
                && isBias(arguments.get(2), weight)
                && input.size(-1) == weight.size(1);
    }

    /** Returns whether a tensor is of float32, on the CPU and contiguous. */
    static boolean isPlain(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.Float && tensor.is_cpu() && tensor.is_contiguous();
    }

    /** Returns whether an argument is None, or a bias for each of a weight's outputs. */
    static boolean isBias(IValue argument, Tensor weight) {
        if (!argument.isTensor()) return argument.isNone();
        Tensor bias = argument.toTensor();
        return isPlain(bias) && bias.dim() == 1 && bias.size(0) == weight.size(0);
    }

    /** Computes the layer, with a reordered weight if there is one; the result is in the open scope. */
    static List<IValue> call(List<IValue> arguments, ReorderedWeights reordered) {
        Tensor input = arguments.get(0).toTensor();
        Tensor weight = reordered.of(arguments.get(1).toTensor(), input.numel() / input.size(-1));
        return List.of(call(
                LINEAR,
                arguments.get(0),
                new IValue(weight),
                arguments.get(2),
                new IValue("none"),
                NO_SCALARS,
                new IValue()));
    }

    /** Returns a weight in oneDNN's memory layout for a number of rows, in the open scope. */
    static Tensor reordered(Tensor weight, long rows) {
        return new Tensor(call(REORDER, new IValue(weight), new IValue(rows)).toTensor());
    }

    private static IValue call(@Nullable OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        Objects.requireNonNull(operator).callBoxed(stack);
        return new IValue(stack.get(0));
    }
}
