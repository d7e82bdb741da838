package libtorch.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The weights in a file that has no network, in one of several formats.
 *
 * @param tensors for each name a function that reads the tensor: it takes the parameter or buffer that the tensor must
 *     be like, and returns null where it is not
 * @param texts that travel in the file, by name
 */
record Weights(Path file, Map<String, UnaryOperator<Tensor>> tensors, Map<String, String> texts) {
    /** Loads the tensors into a network of the same names and shapes; where they do not fit, nothing is loaded. */
    void loadInto(Network network) {
        try (PointerScope scope = new PointerScope()) {
            network.load(readLike(network.state()));
        }
    }

    /** Makes sure that a written file has what was to be written, to the bit. */
    void requireEqual(Map<String, Tensor> state) {
        try (PointerScope scope = new PointerScope()) {
            readLike(state).forEach((name, tensor) -> {
                if (sameBits(tensor, Objects.requireNonNull(state.get(name)))) return;
                throw new IllegalStateException(name + " is not in the file as it was written");
            });
        }
    }

    /** Returns the numbers of a type that some bytes are; a flag that is neither 0 nor 1 would be undefined in C++. */
    static Tensor numbers(Tensor bytes, ScalarType type) {
        return type == ScalarType.Bool ? bytes.ne(new Scalar(0)) : bytes.view(type);
    }

    /** Converts a stored tensor to the type of another one; returns null where it has another shape or kind. */
    static @Nullable Tensor like(@Nullable Tensor stored, Tensor like) {
        if (stored == null || !Arrays.equals(stored.shape(), like.shape())) return null;
        return stored.is_floating_point() == like.is_floating_point() ? stored.to(like.scalar_type()) : null;
    }

    /** Returns whether two tensors of one type and shape are equal to the bit. */
    static boolean sameBits(Tensor a, Tensor b) {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.equals(a.shape(), b.shape()) && torch.equal(bits(a), bits(b));
        }
    }

    private static Tensor bits(Tensor tensor) {
        Tensor plain = tensor.detach().cpu().contiguous(); // of one element, with any stride
        return plain.as_strided(new long[] {plain.numel()}, new long[] {1}).view(ScalarType.Byte);
    }

    private Map<String, Tensor> readLike(Map<String, Tensor> state) {
        Map<String, Tensor> read = new HashMap<>();
        state.forEach((name, tensor) -> {
            if (!tensors.containsKey(name)) throw otherNetwork("it lacks " + name);
            Tensor stored = tensors.get(name).apply(tensor);
            if (stored == null) {
                String type = tensor.is_floating_point() ? "float32" : "int64";
                throw otherNetwork("its " + name + " is not " + type + " of shape " + Arrays.toString(tensor.shape()));
            }
            read.put(name, stored);
        });
        Set<String> others = new TreeSet<>(tensors.keySet());
        others.removeAll(state.keySet());
        if (others.isEmpty()) return read;
        throw otherNetwork("it also has " + printable(others.iterator().next()));
    }

    private LibTorchException otherNetwork(String why) {
        return new LibTorchException(
                file + " does not fit the network: " + why, "say which network it is of with --model");
    }

    /** Returns a text of a file as it can be shown in an error: short, and without control characters. */
    static String printable(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() <= 80 ? plain : plain.substring(0, 80) + "...";
    }

    /** Returns whether a tensor lies in a storage of so many elements; all numbers are 0 or more. */
    static boolean fits(long[] sizes, long[] strides, long offset, long elements) {
        try {
            long last = offset;
            for (int d = 0; d < sizes.length; d++) {
                if (sizes[d] == 0) return true;
                last = Math.addExact(last, Math.multiplyExact(sizes[d] - 1, strides[d]));
            }
            return last < elements;
        } catch (ArithmeticException overflow) {
            return false;
        }
    }

    /** Returns all values in row-major order, little-endian. */
    static byte[] bytes(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            return tensor.numel() == 0 ? new byte[0] : Tensors.bytes(bits(tensor));
        }
    }
}
