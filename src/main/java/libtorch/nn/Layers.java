package libtorch.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import libtorch.LibTorchException;
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
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.GroupNormOptions;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.RNNOptionsBase;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Calls the operators of layers with the layers' weights and settings, so that a trace records them. */
final class Layers {
    private Layers() {}

    static Activation linear(Activation x, LinearImpl layer) {
        return x.call("linear", "weight", layer.weight(), "bias", layer.bias());
    }

    static Activation conv1d(Activation x, Conv1dImpl layer) {
        DetailConv1dOptions o = layer.options();
        LongPointer padding =
                padding(x, layer.weight(), o.padding_mode(), () -> o.padding().get0());
        Object[] sizes = {"stride", o.stride(), "padding", padding, "dilation", o.dilation(), "groups", o.groups()};
        return x.call("conv1d", with(sizes, "weight", layer.weight(), "bias", layer.bias()));
    }

    static Activation conv2d(Activation x, Conv2dImpl layer) {
        return x.call("conv2d", convolution(x, layer.weight(), layer.bias(), layer.options()));
    }

    static Activation convTranspose2d(Activation x, ConvTranspose2dImpl layer) {
        DetailConv2dOptions o = layer.options();
        Object[] settings = convolution(x, layer.weight(), layer.bias(), o);
        return x.call("conv_transpose2d.input", with(settings, "output_padding", o.output_padding()));
    }

    private static Object[] convolution(Activation x, Tensor weight, Tensor bias, DetailConv2dOptions o) {
        LongPointer padding =
                padding(x, weight, o.padding_mode(), () -> o.padding().get0());
        Object[] sizes = {"stride", o.stride(), "padding", padding, "dilation", o.dilation(), "groups", o.groups()};
        return with(sizes, "weight", weight, "bias", bias);
    }

    private static Object[] with(Object[] some, Object... others) {
        List<Object> all = new ArrayList<>(List.of(others));
        all.addAll(List.of(some));
        return all.toArray();
    }

    /** Returns the number of zeros added on each side. */
    private static LongPointer padding(
            Activation x, Tensor weight, ConvPaddingMode mode, Supplier<LongPointer> numbers) {
        try {
            mode.get0(); // zeros
            return numbers.get();
        } catch (RuntimeException anotherAlternative) {
            throw cannotSave(
                    x,
                    weight,
                    "the padding of %s is not a number of zeros",
                    "pad first, as with call(\"reflection_pad2d\", \"padding\", List.of(1, 1, 1, 1))");
        }
    }

    /** @param why a format, with %s for the name of the weight */
    private static LibTorchException cannotSave(Activation x, Tensor weight, String why, String remedy) {
        Tracer trace = Objects.requireNonNull(x.tracer());
        return trace.cannotSave(String.format(why, trace.nameOf(weight)), remedy);
    }

    static Activation layerNorm(Activation x, LayerNormImpl layer) {
        LayerNormOptions o = layer.options();
        Object[] settings = {"normalized_shape", o.normalized_shape().get(), "eps", o.eps()};
        return x.call("layer_norm", with(settings, "weight", layer.weight(), "bias", layer.bias()));
    }

    static Activation groupNorm(Activation x, GroupNormImpl layer) {
        GroupNormOptions o = layer.options();
        Object[] settings = {"num_groups", o.num_groups(), "eps", o.eps()};
        return x.call("group_norm", with(settings, "weight", layer.weight(), "bias", layer.bias()));
    }

    /** Calls batch norm as in evaluation, without the batch count and the check of sizes of training. */
    static Activation batchNorm(
            Activation x, BatchNormOptions options, Tensor weight, Tensor bias, Tensor mean, Tensor variance) {
        boolean byBatch = !options.track_running_stats().get(); // without running statistics
        double momentum = options.momentum().has_value() ? options.momentum().get() : 0.0; // unused
        Object[] settings = {"training", byBatch, "momentum", momentum, "eps", options.eps(), "cudnn_enabled", true};
        return x.call(
                "batch_norm",
                with(settings, "weight", weight, "bias", bias, "running_mean", mean, "running_var", variance));
    }

    static Activation embedding(Activation x, EmbeddingImpl layer) {
        EmbeddingOptions o = layer.options();
        if (o.max_norm().has_value())
            throw cannotSave(x, layer.weight(), "the norm of %s has a maximum", "make the embedding without max_norm");
        long padding = o.padding_idx().has_value() ? o.padding_idx().get() : -1;
        Object[] settings = {"padding_idx", padding, "scale_grad_by_freq", o.scale_grad_by_freq(), "sparse", o.sparse()
        };
        return x.call("embedding", with(settings, "weight", layer.weight()));
    }

    /** Calls an LSTM with two states of zeros, or a GRU with one. */
    static List<Activation> recurrent(
            Activation x, String operator, int states, RNNOptionsBase o, TensorVector weights, boolean training) {
        boolean both = o.bidirectional().get();
        long examples = x.size(o.batch_first().get() ? 0 : 1);
        List<Long> size = List.of(
                o.num_layers().get() * (both ? 2 : 1), examples, o.hidden_size().get());
        Activation zeros = x.call("new_zeros", "size", size);
        List<Tensor> params = new ArrayList<>();
        for (long i = 0; i < weights.size(); i++) params.add(new Tensor(weights.get(i)));
        Object[] settings = {"has_biases", o.bias(), "num_layers", o.num_layers(), "dropout", o.dropout()};
        Object[] modes = {"train", training, "bidirectional", both, "batch_first", o.batch_first()};
        Object hx = states == 1 ? zeros : List.of(zeros, zeros);
        return x.callMany(operator, with(with(settings, modes), "hx", hx, "params", params));
    }
}
