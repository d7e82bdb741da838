package libtorch.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.ConvPaddingMode;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.DetailConv1dOptions;
import org.bytedeco.pytorch.DetailConv2dOptions;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.EmbeddingOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.RNNOptionsBase;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Calls the operators of layers with the layers' weights and settings. */
final class Layers {
    private Layers() {}

    static Activation conv1d(Activation x, Conv1dImpl layer) {
        DetailConv1dOptions o = layer.options();
        List<Long> padding = padding(o.padding_mode(), () -> o.padding().get0(), 1);
        if (padding == null) return x.untraced(layer.forward(x.tensor()), layer.weight(), PADDING);
        List<Long> stride = numbers(o.stride(), 1);
        return convolution(
                x,
                "conv1d",
                layer.weight(),
                layer.bias(),
                stride,
                padding,
                numbers(o.dilation(), 1),
                o.groups().get());
    }

    static Tensor maxPool2d(Tensor x, long kernel) {
        return torch.max_pool2d(x, kernel, kernel);
    }

    static Activation linear(Activation x, LinearImpl layer) {
        return x.call("linear", "weight", layer.weight(), "bias", layer.bias());
    }

    static Activation conv2d(Activation x, Conv2dImpl layer) {
        DetailConv2dOptions o = layer.options();
        List<Long> padding = padding(o.padding_mode(), () -> o.padding().get0(), 2);
        if (padding == null) return x.untraced(layer.forward(x.tensor()), layer.weight(), PADDING);
        List<Long> stride = numbers(o.stride(), 2);
        return convolution(
                x,
                "conv2d",
                layer.weight(),
                layer.bias(),
                stride,
                padding,
                numbers(o.dilation(), 2),
                o.groups().get());
    }

    private static final String PADDING = "the padding of %s is not a number of zeros";

    private static Activation convolution(
            Activation x,
            String operator,
            Tensor weight,
            Tensor bias,
            List<Long> stride,
            List<Long> padding,
            List<Long> dilation,
            long groups) {
        Object[] sizes = {"stride", stride, "padding", padding, "dilation", dilation, "groups", groups};
        return x.call(operator, with(sizes, "weight", weight, "bias", bias));
    }

    private static Object[] with(Object[] some, Object... others) {
        List<Object> all = new ArrayList<>(List.of(others));
        all.addAll(List.of(some));
        return all.toArray();
    }

    /** Returns how many zeros are added on each side; null where it is not zeros, or not a number of them. */
    private static @Nullable List<Long> padding(ConvPaddingMode mode, Supplier<LongPointer> sides, int dimensions) {
        try {
            mode.get0(); // zeros
            return numbers(sides.get(), dimensions);
        } catch (RuntimeException anotherAlternative) {
            return null;
        }
    }

    private static List<Long> numbers(LongPointer numbers, int dimensions) {
        return dimensions == 1 ? List.of(numbers.get(0)) : List.of(numbers.get(0), numbers.get(1));
    }

    static Activation convTranspose2d(Activation x, ConvTranspose2dImpl layer) {
        DetailConv2dOptions o = layer.options();
        List<Long> padding = padding(o.padding_mode(), () -> o.padding().get0(), 2);
        if (padding == null) return x.untraced(layer.forward(x.tensor()), layer.weight(), PADDING);
        Object[] sizes = {
            "output_padding",
            numbers(o.output_padding(), 2),
            "groups",
            o.groups().get()
        };
        Object[] more =
                with(sizes, "stride", numbers(o.stride(), 2), "padding", padding, "dilation", numbers(o.dilation(), 2));
        return x.call("conv_transpose2d.input", with(more, "weight", layer.weight(), "bias", layer.bias()));
    }

    /** Calls batch norm as in evaluation; in training it counts batches too, and checks their size. */
    static Activation batchNorm(
            Activation x, BatchNormOptions options, Tensor weight, Tensor bias, Tensor mean, Tensor variance) {
        boolean byBatch = !options.track_running_stats().get(); // without statistics, always by the batch
        double momentum = options.momentum().has_value() ? options.momentum().get() : 0.0; // of no effect
        Object[] settings = {
            "training", byBatch, "momentum", momentum, "eps", options.eps().get(), "cudnn_enabled", true
        };
        return x.call(
                "batch_norm",
                with(settings, "weight", weight, "bias", bias, "running_mean", mean, "running_var", variance));
    }

    static Activation embedding(Activation x, EmbeddingImpl layer) {
        EmbeddingOptions o = layer.options();
        if (o.max_norm().has_value())
            return x.untraced(layer.forward(x.tensor()), layer.weight(), "the norm of %s has a maximum");
        long padding = o.padding_idx().has_value() ? o.padding_idx().get() : -1;
        boolean byFrequency = o.scale_grad_by_freq().get();
        Object[] settings = {
            "padding_idx",
            padding,
            "scale_grad_by_freq",
            byFrequency,
            "sparse",
            o.sparse().get()
        };
        return x.call("embedding", with(settings, "weight", layer.weight()));
    }

    /** Calls an LSTM with two states of zeros, or a GRU with one. */
    static List<Activation> recurrent(
            Activation x, String operator, int states, RNNOptionsBase o, TensorVector weights, boolean training) {
        long directions = o.bidirectional().get() ? 2 : 1;
        boolean batchFirst = o.batch_first().get();
        List<Long> size = List.of(
                o.num_layers().get() * directions,
                x.size(batchFirst ? 0 : 1),
                o.hidden_size().get());
        Activation zeros = x.call("new_zeros", "size", size);
        List<Tensor> params = new ArrayList<>();
        for (long i = 0; i < weights.size(); i++) params.add(new Tensor(weights.get(i)));
        Object[] settings = {
            "has_biases",
            o.bias().get(),
            "num_layers",
            o.num_layers().get(),
            "dropout",
            o.dropout().get(),
            "train",
            training,
            "bidirectional",
            directions == 2,
            "batch_first",
            batchFirst
        };
        Object hx = states == 1 ? zeros : List.of(zeros, zeros);
        return x.callMany(operator, with(settings, "hx", hx, "params", params));
    }
}
