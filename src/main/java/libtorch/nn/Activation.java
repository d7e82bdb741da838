package libtorch.nn;

import java.util.List;
import libtorch.Tensors;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A tensor inside a network. {@link #call} calls any operator of ATen, with gradients; if the activation comes from a
 * {@link Tracer}, the call is also recorded. The other methods are shorthands for the most frequent operators.
 */
public final class Activation {
    final Tensor tensor; // for code that is traced
    private final @Nullable Tracer tracer; // null outside a trace
    private final String name; // in the trace; empty outside

    Activation(Tensor tensor, @Nullable Tracer tracer, String name) {
        this.tensor = tensor;
        this.tracer = tracer;
        this.name = name;
    }

    /** Wraps a tensor, without a trace. */
    public static Activation of(Tensor tensor) {
        return new Activation(Tensors.requireOpen(tensor), null, "");
    }

    /** Returns the tensor. Operations on it are not traced. */
    public Tensor tensor() {
        if (tracer != null) tracer.recordTensorCall();
        return tensor;
    }

    /** Returns the tracer that records operations on it; null outside a trace. */
    public @Nullable Tracer tracer() {
        return tracer;
    }

    String name() {
        return name;
    }

    /** Returns a size; −1 is the last. In a trace, a size that is a multiple of the number of examples stays free. */
    public long size(long dim) {
        return tensor.size(dim);
    }

    // Operators by name

    /**
     * Calls an operator that has one result. This activation is its first tensor argument that is not given by name.
     *
     * @param operator name in {@code native_functions.yaml}, with its overload where it has one: "mean.dim"
     * @param namesAndValues names of arguments as in the operator's schema, and their values in turn: an Activation, a
     *     parameter or buffer of the network, a number, Boolean, String, ScalarType, a setting of a layer, a list or
     *     array of such, or null; arguments that are not named have their defaults
     * @throws IllegalArgumentException if there is no such operator, or its schema, in the message, takes others
     * @throws OperatorException if libtorch rejects the arguments, as for their shapes
     */
    public Activation call(String operator, @Nullable Object... namesAndValues) {
        List<Activation> results = callMany(operator, namesAndValues);
        if (results.size() == 1) return results.get(0);
        throw new IllegalArgumentException(
                AtenOperator.target(operator) + " has " + results.size() + " results here; use callMany");
    }

    /** Calls an operator as {@link #call} does, and returns its results, or the tensors of its list. */
    public List<Activation> callMany(String operator, @Nullable Object... namesAndValues) {
        OperatorCall call = OperatorCall.of(operator, this, namesAndValues);
        List<Tensor> results = call.results(tensor.device());
        Tracer trace = tracer != null ? tracer : call.tracer(); // of an argument, if this is a weight
        return trace == null ? results.stream().map(Activation::of).toList() : trace.record(call, results);
    }

    // Layers. Outside a trace the most frequent calls go to libtorch directly: by name they take 3 to 12 µs more

    /** Applies a convolution: N×in×L to N×out×L'. */
    public Activation conv1d(Conv1dImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.conv1d(this, layer);
    }

    /** Applies a convolution: N×in×H×W to N×out×H'×W'. */
    public Activation conv2d(Conv2dImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.conv2d(this, layer);
    }

    /** Applies a transposed convolution: N×in×H×W to N×out×H'×W'. */
    public Activation convTranspose2d(ConvTranspose2dImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.convTranspose2d(this, layer);
    }

    /** Applies a fully connected layer to the last dimension: N×in to N×out. */
    public Activation linear(LinearImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.linear(this, layer);
    }

    /** Normalises each of C channels, N×C×H×W: by the batch in training, by the running statistics in evaluation. */
    public Activation batchNorm(BatchNorm2dImpl layer) {
        if (tracer == null) return of(layer.forward(tensor)); // which counts batches in training
        return Layers.batchNorm(
                this, layer.options(), layer.weight(), layer.bias(), layer.running_mean(), layer.running_var());
    }

    /** Normalises each of C features, N×C: by the batch in training, by the running statistics in evaluation. */
    public Activation batchNorm(BatchNorm1dImpl layer) {
        if (tracer == null) return of(layer.forward(tensor));
        return Layers.batchNorm(
                this, layer.options(), layer.weight(), layer.bias(), layer.running_mean(), layer.running_var());
    }

    /** Normalises over the last dimensions, of the layer's shape. */
    public Activation layerNorm(LayerNormImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.layerNorm(this, layer);
    }

    /** Normalises each group of channels, N×C×…. */
    public Activation groupNorm(GroupNormImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.groupNorm(this, layer);
    }

    /** Looks up a row of the layer's weights for each index, of type long: N×… to N×…×width. */
    public Activation embedding(EmbeddingImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : Layers.embedding(this, layer);
    }

    /**
     * Applies an LSTM, with initial states of zeros.
     *
     * @return outputs (N×T×hidden, of both directions side by side), hidden and cell states
     *     (layers·directions×N×hidden)
     */
    public List<Activation> lstm(LSTMImpl layer) {
        return Layers.recurrent(this, "lstm.input", 2, layer.options_base(), layer.all_weights(), layer.is_training());
    }

    /** Applies a GRU as {@link #lstm}; returns outputs and hidden states. */
    public List<Activation> gru(GRUImpl layer) {
        return Layers.recurrent(this, "gru.input", 1, layer.options_base(), layer.all_weights(), layer.is_training());
    }

    /** Applies dropout in train mode; the identity in eval mode, and so in files. */
    public Activation dropout(DropoutImpl layer) {
        return tracer == null ? of(layer.forward(tensor)) : this;
    }

    /**
     * Upsamples to twice the height and width, nearest neighbour, and applies a convolution: N×in×H×W to N×out×2H×2W.
     * Training and evaluation fuse the two, in half the time; a trace, and so a file, has both.
     */
    public Activation upsampleConv2d(UpsampleConv2d layer) {
        if (tracer == null) return of(layer.forward(tensor));
        tracer.recordFusion();
        return upsample(2).conv2d(layer.conv());
    }

    public Activation relu() {
        return tracer == null ? of(tensor.relu()) : call("relu");
    }

    public Activation gelu() {
        return call("gelu");
    }

    public Activation silu() {
        return call("silu");
    }

    public Activation sigmoid() {
        return tracer == null ? of(tensor.sigmoid()) : call("sigmoid");
    }

    public Activation tanh() {
        return call("tanh");
    }

    // Arithmetic with activations of a shape that can be broadcast, parameters, buffers, and numbers

    public Activation add(Activation other) {
        if (tracer == null && other.tracer == null) return of(tensor.add(other.tensor));
        return call("add.Tensor", "other", other);
    }

    /** Adds a buffer or parameter of the network. */
    public Activation add(Tensor weights) {
        return call("add.Tensor", "other", weights);
    }

    public Activation add(Number number) {
        return call("add.Tensor", "other", number);
    }

    public Activation sub(Activation other) {
        return call("sub.Tensor", "other", other);
    }

    /** Subtracts a buffer or parameter of the network, as the mean of each feature: N×C minus C. */
    public Activation sub(Tensor weights) {
        return call("sub.Tensor", "other", weights);
    }

    public Activation sub(Number number) {
        return call("sub.Tensor", "other", number);
    }

    public Activation mul(Activation other) {
        return call("mul.Tensor", "other", other);
    }

    /** Multiplies by a buffer or parameter of the network. */
    public Activation mul(Tensor weights) {
        return call("mul.Tensor", "other", weights);
    }

    public Activation mul(Number number) {
        return call("mul.Tensor", "other", number);
    }

    public Activation div(Activation other) {
        return call("div.Tensor", "other", other);
    }

    /** Divides by a buffer or parameter of the network, as the standard deviation of each feature: N×C by C. */
    public Activation div(Tensor weights) {
        return call("div.Tensor", "other", weights);
    }

    public Activation div(Number number) {
        return call("div.Tensor", "other", number);
    }

    /** Multiplies matrices, the last two dimensions: …×n×k by …×k×m to …×n×m. */
    public Activation matmul(Activation other) {
        return call("matmul", "other", other);
    }

    /** Computes softmax(q·kᵀ/√width)·v of queries q, this: …×T×width, with keys and values of …×S×width. */
    public Activation scaledDotProductAttention(Activation keys, Activation values, boolean causal) {
        return call("scaled_dot_product_attention", "key", keys, "value", values, "is_causal", causal);
    }

    // Functions along dimensions

    public Activation softmax(long dim) {
        return call("softmax.int", "dim", dim);
    }

    public Activation logSoftmax(long dim) {
        return tracer == null ? of(tensor.log_softmax(dim)) : call("log_softmax.int", "dim", dim);
    }

    /** Computes the mean over dimensions, which are removed. */
    public Activation mean(long... dims) {
        return call("mean.dim", "dim", dims);
    }

    // Images

    /** Applies max pooling with a square kernel and the same stride. */
    public Activation maxPool2d(long kernel) {
        return tracer == null ? of(torch.max_pool2d(tensor, kernel, kernel)) : maxPool2d(kernel, kernel, 0);
    }

    /** Applies max pooling with a square kernel, and {@code padding} on all four sides. */
    public Activation maxPool2d(long kernel, long stride, long padding) {
        return call("max_pool2d", "kernel_size", kernel, "stride", stride, "padding", padding);
    }

    /** Applies average pooling with a square kernel and the same stride. */
    public Activation avgPool2d(long kernel) {
        return call("avg_pool2d", "kernel_size", kernel, "stride", kernel);
    }

    /** Applies average pooling to an output of height×width. */
    public Activation adaptiveAvgPool2d(long height, long width) {
        return call("adaptive_avg_pool2d", "output_size", List.of(height, width));
    }

    /** Upsamples height and width by a whole factor, nearest neighbour. */
    public Activation upsample(long factor) {
        return call("upsample_nearest2d.vec", "output_size", null, "scale_factors", List.of(factor, factor));
    }

    /** Pads with a value: two amounts for each dimension, before and after, the last dimension first. */
    public Activation pad(double value, long... amounts) {
        return call("constant_pad_nd", "pad", amounts, "value", value);
    }

    // Shapes

    /** Flattens all dimensions but the first: N×… to N×M. */
    public Activation flatten() {
        return tracer == null ? of(tensor.flatten(1, -1)) : call("flatten.using_ints", "start_dim", 1);
    }

    /** Returns a view of another shape; one size may be −1, which is inferred. */
    public Activation view(long... shape) {
        return tracer == null ? of(tensor.view(shape)) : call("view", "size", shape);
    }

    /** Reshapes, with a copy if the memory layout requires one. */
    public Activation reshape(long... shape) {
        return call("reshape", "shape", shape);
    }

    public Activation transpose(long dim0, long dim1) {
        return call("transpose.int", "dim0", dim0, "dim1", dim1);
    }

    public Activation permute(long... dims) {
        return call("permute", "dims", dims);
    }

    /** Selects an index of a dimension, which is removed; −1 is the last. */
    public Activation select(long dim, long index) {
        return call("select.int", "dim", dim, "index", index);
    }

    /** Selects the indices from {@code start} to {@code end}, exclusive, of a dimension. */
    public Activation slice(long dim, long start, long end) {
        return call("slice.Tensor", "dim", dim, "start", start, "end", end);
    }

    /** Splits a dimension into parts of equal size; the last may be smaller. */
    public List<Activation> split(long size, long dim) {
        return callMany("split.Tensor", "split_size", size, "dim", dim);
    }

    /** Concatenates activations along a dimension. */
    public static Activation cat(long dim, Activation... parts) {
        return parts[0].call("cat", "tensors", List.of(parts), "dim", dim);
    }
}
