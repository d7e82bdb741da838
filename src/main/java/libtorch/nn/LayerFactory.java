package libtorch.nn;

import java.util.function.Supplier;
import libtorch.LibTorch;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GRUOptions;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.GroupNormOptions;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Adds layers to a network. Their names are those of the fields, as in Python's state_dict; their first weights are
 * those of Python for the same seed, if layers are added in the same order.
 */
abstract class LayerFactory extends Module {
    LayerFactory(String name) {
        super(name);
    }

    /** Begins the settings of a convolution with a kernel of one size, or of one size for each dimension. */
    protected static Kernel kernel(long... size) {
        return new Kernel(size);
    }

    /** Registers a layer; throws an IllegalArgumentException if its sizes or its name are invalid. */
    private <M extends Module> M add(String name, Supplier<M> layer) {
        try {
            return register_module(name, layer.get());
        } catch (RuntimeException e) {
            if (!LibTorch.isNative(e)) throw e;
            throw new IllegalArgumentException("layer " + name + ": " + LibTorch.firstLine(e), e);
        }
    }

    /** Adds a convolution of sequences: N×in×L. */
    protected final Conv1dImpl conv1d(String name, long in, long out, Kernel kernel) {
        return add(name, () -> new Conv1dImpl(kernel.conv1d(in, out)));
    }

    /** Adds a convolution of images: N×in×H×W. */
    protected final Conv2dImpl conv2d(String name, long in, long out, Kernel kernel) {
        Conv2dImpl conv = add(name, () -> new Conv2dImpl(kernel.conv2d(in, out)));
        // Channels last in memory: oneDNN then keeps activations so too, and pools whole vectors of channels at once.
        conv.weight().set_data(conv.weight().detach().clone(new MemoryFormatOptional(MemoryFormat.ChannelsLast)));
        return conv;
    }

    /** Adds a convolution with a square kernel and stride 1. */
    protected final Conv2dImpl conv2d(String name, long in, long out, long kernel, long padding) {
        return conv2d(name, in, out, kernel(kernel).padding(padding));
    }

    /** Adds a transposed convolution of images: N×in×H×W. */
    protected final ConvTranspose2dImpl convTranspose2d(String name, long in, long out, Kernel kernel) {
        return add(name, () -> new ConvTranspose2dImpl(kernel.convTranspose2d(in, out)));
    }

    /** Adds an upsampling by two and a convolution with a kernel of 3×3 and padding 1. */
    protected final UpsampleConv2d upsampleConv2d(String name, long in, long out) {
        return new UpsampleConv2d(conv2d(name, in, out, 3, 1));
    }

    /** Adds a fully connected layer with a bias. */
    protected final LinearImpl linear(String name, long in, long out) {
        return linear(name, in, out, /*bias*/ true);
    }

    /** Adds a fully connected layer. */
    protected final LinearImpl linear(String name, long in, long out, boolean bias) {
        LinearOptions options = new LinearOptions(in, out);
        options.bias().put(bias);
        return add(name, () -> new LinearImpl(options));
    }

    /** Adds a batch norm of features: N×C. */
    protected final BatchNorm1dImpl batchNorm1d(String name, long features) {
        return add(name, () -> new BatchNorm1dImpl(new BatchNormOptions(features)));
    }

    /** Adds a batch norm of images: N×C×H×W. */
    protected final BatchNorm2dImpl batchNorm2d(String name, long channels) {
        return add(name, () -> new BatchNorm2dImpl(new BatchNormOptions(channels)));
    }

    /** Adds a layer norm over the last dimensions, of this shape. */
    protected final LayerNormImpl layerNorm(String name, long... shape) {
        return add(name, () -> new LayerNormImpl(new LayerNormOptions(new LongVector(shape))));
    }

    /** Adds a group norm: N×C×…, in groups of channels. */
    protected final GroupNormImpl groupNorm(String name, long groups, long channels) {
        return add(name, () -> new GroupNormImpl(new GroupNormOptions(groups, channels)));
    }

    /** Adds an embedding of {@code count} rows, which its input, of type Long, selects. */
    protected final EmbeddingImpl embedding(String name, long count, long width) {
        return add(name, () -> new EmbeddingImpl(count, width));
    }

    /** Adds an LSTM for sequences N×T×in; as in Python with {@code batch_first=True}. */
    protected final LSTMImpl lstm(String name, long in, long hidden, long layers, boolean bidirectional) {
        LSTMOptions options = new LSTMOptions(in, hidden);
        options.num_layers().put(layers);
        options.bidirectional().put(bidirectional);
        options.batch_first().put(true);
        return add(name, () -> new LSTMImpl(options));
    }

    /** Adds a GRU for sequences N×T×in; as in Python with {@code batch_first=True}. */
    protected final GRUImpl gru(String name, long in, long hidden, long layers, boolean bidirectional) {
        GRUOptions options = new GRUOptions(in, hidden);
        options.num_layers().put(layers);
        options.bidirectional().put(bidirectional);
        options.batch_first().put(true);
        return add(name, () -> new GRUImpl(options));
    }

    /** Adds a dropout with probability {@code part}. */
    protected final DropoutImpl dropout(String name, double part) {
        return add(name, () -> new DropoutImpl(part));
    }
}
