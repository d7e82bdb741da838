package libtorch.nn;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.DetailConv2dOptions;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A tensor inside a network. Each method calls libtorch; in a value that comes from a {@link Tracer}, it also records
 * which ATen operator was called, under its name and the names of its arguments in {@code native_functions.yaml}.
 * A network that needs another operator gets it by one more method here.
 */
public final class Activation {
    private final Tensor tensor;
    private final @Nullable Tracer tracer; // null outside a trace
    private final String name; // in the trace; empty outside

    Activation(Tensor tensor, @Nullable Tracer tracer, String name) {
        this.tensor = tensor;
        this.tracer = tracer;
        this.name = name;
    }

    /** Wraps a tensor, without a trace. */
    public static Activation of(Tensor tensor) {
        return new Activation(tensor, null, "");
    }

    public Tensor tensor() {
        return tensor;
    }

    boolean isOf(Tracer tracer) {
        return this.tracer == tracer;
    }

    String name() {
        return name;
    }

    // Layers

    /** Applies a convolution: N×in×H×W to N×out×H'×W'. */
    public Activation conv2d(Conv2dImpl layer) {
        Tensor result = layer.forward(tensor);
        if (tracer == null) return of(result);
        DetailConv2dOptions options = layer.options();
        return tracer.call("conv2d")
                .with("input", this)
                .with("weight", layer.weight())
                .with("bias", layer.bias())
                .with("stride", pair(options.stride()))
                .with("padding", padding(layer, tracer))
                .with("dilation", pair(options.dilation()))
                .with("groups", options.groups().get())
                .returning(result);
    }

    private static List<Long> padding(Conv2dImpl layer, Tracer tracer) {
        try {
            layer.options().padding_mode().get0(); // zeros
            return pair(layer.options().padding().get0());
        } catch (RuntimeException anotherAlternative) {
            throw tracer.cannotExport("the padding of " + tracer.nameOf(layer.weight()) + " is not a number of zeros");
        }
    }

    private static List<Long> pair(LongPointer numbers) {
        return List.of(numbers.get(0), numbers.get(1));
    }

    /** Applies a fully connected layer to the last dimension: N×in to N×out. */
    public Activation linear(LinearImpl layer) {
        Tensor result = layer.forward(tensor);
        if (tracer == null) return of(result);
        return tracer.call("linear")
                .with("input", this)
                .with("weight", layer.weight())
                .with("bias", layer.bias())
                .returning(result);
    }

    /** Normalises each of C channels, N×C×H×W: by the batch in training, by the running statistics in evaluation. */
    public Activation batchNorm(BatchNorm2dImpl layer) {
        return batchNorm(
                layer.forward(tensor),
                layer.options(),
                layer.weight(),
                layer.bias(),
                layer.running_mean(),
                layer.running_var());
    }

    /** Normalises each of C features, N×C: by the batch in training, by the running statistics in evaluation. */
    public Activation batchNorm(BatchNorm1dImpl layer) {
        return batchNorm(
                layer.forward(tensor),
                layer.options(),
                layer.weight(),
                layer.bias(),
                layer.running_mean(),
                layer.running_var());
    }

    private Activation batchNorm(
            Tensor result, BatchNormOptions options, Tensor weight, Tensor bias, Tensor mean, Tensor var) {
        if (tracer == null) return of(result);
        return tracer.call("batch_norm")
                .with("input", this)
                .with("weight", weight)
                .with("bias", bias)
                .with("running_mean", mean)
                .with("running_var", var)
                .with("training", !options.track_running_stats().get()) // without statistics, always by the batch
                .with(
                        "momentum",
                        options.momentum().has_value() ? options.momentum().get() : 0.0) // of no effect
                .with("eps", options.eps().get())
                .with("cudnn_enabled", true)
                .returning(result);
    }

    /** Sets some numbers to zero in training; changes nothing in evaluation, and so in files. */
    public Activation dropout(DropoutImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : this;
    }

    /**
     * Upsamples to twice the height and width, nearest neighbour, and applies a convolution: N×in×H×W to N×out×2H×2W.
     * Training and evaluation compute the two in one, in half the time; a trace, and so a file, has both.
     */
    public Activation upsampleConv2d(UpsampleConv2d layer) {
        if (tracer == null) return of(layer.forward(tensor));
        tracer.folds();
        return upsample(2).conv2d(layer.conv());
    }

    // Functions

    /** Upsamples height and width by a whole factor, nearest neighbour. */
    public Activation upsample(long factor) {
        Tensor result = torch.upsample_nearest2d(tensor, factor * tensor.size(2), factor * tensor.size(3));
        if (tracer == null) return of(result);
        return tracer.call("upsample_nearest2d.vec")
                .with("input", this)
                .with("output_size", null)
                .with("scale_factors", List.of((double) factor, (double) factor))
                .returning(result);
    }

    /** Takes the largest number of each square of {@code kernel}×{@code kernel}, side by side. */
    public Activation maxPool2d(long kernel) {
        Tensor result = torch.max_pool2d(tensor, kernel, kernel);
        if (tracer == null) return of(result);
        return tracer.call("max_pool2d")
                .with("self", this)
                .with("kernel_size", List.of(kernel, kernel))
                .with("stride", List.of(kernel, kernel))
                .returning(result);
    }

    public Activation relu() {
        return function("relu", torch.relu(tensor));
    }

    public Activation sigmoid() {
        return function("sigmoid", torch.sigmoid(tensor));
    }

    public Activation tanh() {
        return function("tanh", torch.tanh(tensor));
    }

    private Activation function(String operator, Tensor result) {
        return tracer == null
                ? of(result)
                : tracer.call(operator).with("self", this).returning(result);
    }

    public Activation logSoftmax(long dim) {
        Tensor result = torch.log_softmax(tensor, dim);
        if (tracer == null) return of(result);
        return tracer.call("log_softmax.int")
                .with("self", this)
                .with("dim", dim)
                .returning(result);
    }

    /** Makes one dimension of all but the first: N×… to N×M. */
    public Activation flatten() {
        Tensor result = tensor.flatten(1, -1);
        if (tracer == null) return of(result);
        return tracer.call("flatten.using_ints")
                .with("self", this)
                .with("start_dim", 1L)
                .returning(result);
    }

    /** Gives the numbers another shape; one size may be −1, and follows from the others. */
    public Activation view(long... shape) {
        Tensor result = tensor.view(shape);
        if (tracer == null) return of(result);
        List<Long> size = Arrays.stream(shape).boxed().toList();
        return tracer.call("view").with("self", this).with("size", size).returning(result);
    }

    /** Subtracts a buffer or parameter of the network, as the mean of each feature: N×C minus C. */
    public Activation sub(Tensor weights) {
        return withWeights("sub.Tensor", weights, tensor.sub(weights));
    }

    /** Divides by a buffer or parameter of the network, as the standard deviation of each feature: N×C by C. */
    public Activation div(Tensor weights) {
        return withWeights("div.Tensor", weights, tensor.div(weights));
    }

    private Activation withWeights(String operator, Tensor weights, Tensor result) {
        if (tracer == null) return of(result);
        return tracer.call(operator).with("self", this).with("other", weights).returning(result);
    }

    public Activation add(Activation other) {
        Tensor result = tensor.add(other.tensor);
        if (tracer == null) return of(result);
        return tracer.call("add.Tensor").with("self", this).with("other", other).returning(result);
    }
}
