package libtorch.nn;

import java.util.Arrays;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.LongPointer;

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

    /** Adds so many zeros on each side. */
    public Kernel padding(long padding) {
        this.padding = padding;
        return this;
    }

    /** Makes the output of a transposed convolution so much larger at one side. */
    public Kernel outputPadding(long outputPadding) {
        this.outputPadding = outputPadding;
        return this;
    }

    public Kernel dilation(long dilation) {
        this.dilation = dilation;
        return this;
    }

    /** Divides the channels into groups, which are convolved apart. */
    public Kernel groups(long groups) {
        this.groups = groups;
        return this;
    }

    public Kernel bias(boolean bias) {
        this.bias = bias;
        return this;
    }

    LongPointer sizes(int dimensions) {
        if (size.length != 1 && size.length != dimensions)
            throw new IllegalArgumentException(
                    "a kernel of sizes " + Arrays.toString(size) + " is not for " + dimensions + " dimensions");
        return size.length == 1 ? repeated(size[0], dimensions) : new LongPointer(size);
    }

    LongPointer paddings(int dimensions) {
        return repeated(padding, dimensions);
    }

    LongPointer outputPaddings(int dimensions) {
        return repeated(outputPadding, dimensions);
    }

    /** Writes the other settings to a layer's options. */
    void set(LongPointer strides, LongPointer dilations, LongPointer groups, BoolPointer bias, int dimensions) {
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
