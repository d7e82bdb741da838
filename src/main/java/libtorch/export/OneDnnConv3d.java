package libtorch.export;

import java.util.List;
import libtorch.nn.AtenOperator;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * Three-dimensional convolutions by oneDNN, on OpenMP's threads. ATen's operator would unfold one volume after the
 * other for OpenBLAS, which has one thread if OpenMP has several. Without gradients.
 */
final class OneDnnConv3d {
    private static final AtenOperator ONE_DNN = AtenOperator.named("mkldnn_convolution");
    private static final int SIDES = 3;

    private OneDnnConv3d() {}

    /**
     * Returns whether {@link #call} supports the arguments of aten.conv3d: input, weight, bias, stride, padding,
     * dilation and groups. The sizes must fit: oneDNN's operator, unlike ATen's, does not check them.
     */
    static boolean takes(List<IValue> arguments) {
        if (GradMode.is_enabled() || !Context.hasMKLDNN()) return false;
        Tensor input = arguments.get(0).toTensor();
        Tensor weight = arguments.get(1).toTensor();
        if (input.dim() != 2 + SIDES || weight.dim() != 2 + SIDES || input.numel() == 0 || weight.numel() == 0)
            return false;
        long groups = arguments.get(6).toInt();
        boolean fits = OneDnnLinear.isPlain(input)
                && OneDnnLinear.isPlain(weight)
                && OneDnnLinear.isBias(arguments.get(2), weight)
                && groups >= 1
                && weight.size(0) % groups == 0
                && input.size(1) == weight.size(1) * groups;
        for (int d = 0; fits && d < SIDES; d++) {
            long padding = number(arguments.get(4), d);
            long dilation = number(arguments.get(5), d);
            fits = number(arguments.get(3), d) >= 1
                    && padding >= 0
                    && dilation >= 1
                    && input.size(d + 2) + 2 * padding > dilation * (weight.size(d + 2) - 1);
        }
        return fits;
    }

    /** Returns the number for a spatial dimension: a list has one for each, or one for all. */
    private static long number(IValue list, int side) {
        long[] numbers = list.toIntVector().get();
        return numbers[numbers.length == 1 ? 0 : side];
    }

    /** Computes the convolution; the result is in the open scope. */
    static List<IValue> call(List<IValue> arguments) {
        return ONE_DNN.call(List.of(
                arguments.get(0),
                arguments.get(1),
                arguments.get(2),
                arguments.get(4),
                arguments.get(3),
                arguments.get(5),
                arguments.get(6)));
    }
}
