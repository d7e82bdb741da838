package mnist.prob4;

/**
 * The sliding window of a convolution or a pooling layer: problem 4.1. All sizes are in pixels; the kernel is square.
 */
public record Window(int kernel, int stride, int padding, boolean pool) {
    /**
     * Refuses the same values as libtorch.
     *
     * @throws IllegalArgumentException if the values are invalid
     */
    public Window {
        require(kernel >= 1, "the kernel must be at least 1");
        require(stride >= 1, "the stride must be at least 1");
        require(padding >= 0, "the padding must be 0 or more");
        require(!pool || 2L * padding <= kernel, "the padding of a pooling layer must be at most half its kernel");
    }

    /**
     * Computes a side of the output: the number of places where the window fits.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public int output(int input) {
        require(input >= 1, "the input must be at least 1");
        require(
                input + 2L * padding >= kernel,
                "a kernel of " + kernel + " does not fit into an input of " + input + " with padding " + padding);
        long output = (input + 2L * padding - kernel) / stride + 1;
        require(output <= Integer.MAX_VALUE, "the output is larger than any image");
        return (int) output;
    }

    private static void require(boolean fine, String demand) {
        if (!fine) throw new IllegalArgumentException(demand);
    }
}
