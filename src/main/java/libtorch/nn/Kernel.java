package libtorch.nn;

import java.util.Arrays;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv1dOptions;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.ConvTranspose2dOptions;

/**
 * The settings of a convolution, with PyTorch's defaults: {@code kernel(3).stride(2).padding(1).bias(false)}.
 *
 * @see Network#kernel
 */
public final class Kernel {
    private final long[] size;
    private long stride = 1;
    private long padding = 0;
    private long outputPadding = 0;
    private long dilation = 1;
    private long groups = 1;
    private boolean bias = true;

    /** @param size one number for all dimensions, or one for each */
    Kernel(long... size) {
        if (Arrays.stream(size).anyMatch(side -> side < 1))
            throw new IllegalArgumentException("a kernel cannot have sizes of " + Arrays.toString(size));
        this.size = size.clone();
    }

    public Kernel stride(long stride) {
        this.stride = stride;
        return this;
    }

    /** Sets the number of zeros added on each side. */
    public Kernel padding(long padding) {
        this.padding = padding;
        return this;
    }

    /** Sets how much larger the output of a transposed convolution is at one side. */
    public Kernel outputPadding(long outputPadding) {
        this.outputPadding = outputPadding;
        return this;
    }

    public Kernel dilation(long dilation) {
        this.dilation = dilation;
        return this;
    }

    /** Sets the number of groups of channels, which are convolved separately. */
    public Kernel groups(long groups) {
        this.groups = groups;
        return this;
    }

    public Kernel bias(boolean bias) {
        this.bias = bias;
        return this;
    }

    Conv1dOptions conv1d(long in, long out) {
        Conv1dOptions options = new Conv1dOptions(in, out, sizes(1));
        options.padding().put(repeated(padding, 1));
        set(options.stride(), options.dilation(), options.groups(), options.bias(), 1);
        return options;
    }

    Conv2dOptions conv2d(long in, long out) {
        Conv2dOptions options = new Conv2dOptions(in, out, sizes(2));
        options.padding().put(repeated(padding, 2));
        set(options.stride(), options.dilation(), options.groups(), options.bias(), 2);
        return options;
    }

    ConvTranspose2dOptions convTranspose2d(long in, long out) {
        ConvTranspose2dOptions options = new ConvTranspose2dOptions(in, out, sizes(2));
        options.padding().put(repeated(padding, 2));
        options.output_padding().put(repeated(outputPadding, 2));
        set(options.stride(), options.dilation(), options.groups(), options.bias(), 2);
        return options;
    }

    private LongPointer sizes(int dimensions) {
        if (size.length != 1 && size.length != dimensions)
            throw new IllegalArgumentException(
                    "a kernel of sizes " + Arrays.toString(size) + " is not for " + dimensions + " dimensions");
        return size.length == 1 ? repeated(size[0], dimensions) : new LongPointer(size);
    }

    /** Writes the settings common to all convolutions to a layer's options. */
    private void set(LongPointer strides, LongPointer dilations, LongPointer groups, BoolPointer bias, int dimensions) {
        strides.put(repeated(stride, dimensions));
        dilations.put(repeated(dilation, dimensions));
        groups.put(this.groups);
        bias.put(this.bias);
    }

    private static LongPointer repeated(long number, int dimensions) {
        long[] numbers = new long[dimensions];
        Arrays.fill(numbers, number);
        return new LongPointer(numbers);
    }
}
