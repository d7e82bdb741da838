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
 * Fully connected layers as oneDNN computes them, whose threads are OpenMP's, those of convolutions. ATen's operator
 * would leave them to OpenBLAS, which has one thread where OpenMP has several: see {@link libtorch.LibTorch.Pool}. It
 * has no gradient.
 */
final class OneDnnLinear {
    /** Below as many multiplications, the call takes longer than more threads save. */
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

    /** Returns an empty list for the arguments of an activation, of which there is none. */
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

    /** Returns whether it is worth while, and right, for the arguments of aten.linear: input, weight and bias. */
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

    /** Returns whether a tensor is of float32, on the CPU, with its elements in order in memory. */
    static boolean isPlain(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.Float && tensor.is_cpu() && tensor.is_contiguous();
    }

    /** Returns whether an argument is None, or has a number for each of a weight's outputs. */
    static boolean isBias(IValue argument, Tensor weight) {
        if (!argument.isTensor()) return argument.isNone();
        Tensor bias = argument.toTensor();
        return isPlain(bias) && bias.dim() == 1 && bias.size(0) == weight.size(0);
    }

    /** Computes it, in the open scope, with the weight that a program keeps in oneDNN's order where it does. */
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

    /** Returns a weight in the order in memory that suits oneDNN for a number of rows, in the open scope. */
    static Tensor reordered(Tensor weight, long rows) {
        return new Tensor(call(REORDER, new IValue(weight), new IValue(rows)).toTensor());
    }

    private static IValue call(@Nullable OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        Objects.requireNonNull(operator).callBoxed(stack);
        return new IValue(stack.get(0));
    }
}
