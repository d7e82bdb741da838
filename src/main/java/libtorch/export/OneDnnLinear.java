package libtorch.export;

import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
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

    private static final @Nullable OperatorHandle HANDLE;
    private static final IValue NO_SCALARS;

    static {
        try (PointerScope scope = new PointerScope()) {
            OperatorHandleOptional found =
                    Dispatcher.singleton().findSchema(new OperatorName("mkldnn::_linear_pointwise", ""));
            if (Context.hasMKLDNN() && found.has_value()) {
                HANDLE = new OperatorHandle(found.get());
                NO_SCALARS = new IValue(new GenericList(HANDLE.schema()
                        .arguments()
                        .getPointer(4)
                        .real_type()
                        .get()
                        .containedType(0)));
                HANDLE.retainReference();
            } else {
                HANDLE = null;
                NO_SCALARS = new IValue();
            }
            NO_SCALARS.retainReference();
        }
    }

    private OneDnnLinear() {}

    /** Returns whether it is worth while, and right, for the arguments of aten.linear: input, weight and bias. */
    static boolean takes(List<IValue> arguments) {
        if (HANDLE == null || GradMode.is_enabled() || torch.get_num_threads() == 1) return false;
        Tensor input = arguments.get(0).toTensor();
        Tensor weight = arguments.get(1).toTensor();
        return weight.dim() == 2
                && input.dim() >= 2
                && input.numel() * weight.size(0) >= LEAST
                && isPlain(input)
                && isPlain(weight)
                && input.size(-1) == weight.size(1);
    }

    /** Returns whether a tensor is of float32, on the CPU, with its elements in order in memory. */
    static boolean isPlain(Tensor tensor) {
        return tensor.scalar_type().intern() == ScalarType.Float && tensor.is_cpu() && tensor.is_contiguous();
    }

    /** Computes it, in the open scope. */
    static List<IValue> call(List<IValue> arguments) {
        IValueVector stack = new IValueVector(
                arguments.get(0), arguments.get(1), arguments.get(2), new IValue("none"), NO_SCALARS, new IValue());
        Objects.requireNonNull(HANDLE).callBoxed(stack);
        return List.of(new IValue(stack.get(0)));
    }
}
