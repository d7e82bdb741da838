package libtorch.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights in a file of weights alone, in one of several formats.
 *
 * @param tensors by name, in the types that the file has; on the CPU
 * @param texts in the file, by name
 */
record Weights(Path file, Map<String, Tensor> tensors, Map<String, String> texts) {
    /** Thrown if a file is malformed. */
    static final class BadFile extends RuntimeException {
        BadFile(String why) {
            super(why);
        }
    }

    /**
     * Loads the tensors into a network of the same names and shapes, converted to its types; if they do not fit,
     * nothing is loaded.
     *
     * @return the texts
     * @throws OtherNetworkException if they do not fit
     */
    Map<String, String> loadInto(Network network) {
        Map<String, Tensor> state = network.state();
        List<String> others = tensors.keySet().stream()
                .filter(name -> !state.containsKey(name))
                .sorted()
                .map(Weights::printable)
                .toList();
        String some = String.join(", ", others.subList(0, Math.min(2, others.size())));
        state.forEach((name, tensor) -> {
            Tensor stored = tensors.get(name);
            if (stored == null)
                throw new OtherNetworkException(file, "it lacks " + name + (some.isEmpty() ? "" : ", and has " + some));
            if (!Arrays.equals(stored.shape(), tensor.shape()))
                throw new OtherNetworkException(
                        file,
                        "its " + name + " has the shape " + Arrays.toString(stored.shape()) + ", not "
                                + Arrays.toString(tensor.shape()));
            if (stored.is_complex() && !tensor.is_complex())
                throw new OtherNetworkException(file, "its " + name + " has complex numbers");
        });
        if (!others.isEmpty()) throw new OtherNetworkException(file, "it also has " + some);
        network.load(tensors);
        return texts;
    }

    /** Checks that a written file has these tensors, bit for bit. */
    void requireEqual(Map<String, Tensor> state) {
        state.forEach((name, tensor) -> {
            Tensor read = tensors.get(name);
            if (read == null || !sameBits(read, tensor))
                throw new IllegalStateException(name + " is not in the file as it was written");
        });
    }

    /** Returns the content of a file, little-endian. */
    static ByteBuffer content(Path file) {
        try {
            if (Files.size(file) > Integer.MAX_VALUE - 8)
                throw new LibTorchException(file + " is larger than 2 GB", "split it into several files");
            return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "check the path and its permissions", e);
        }
    }

    /** Views bytes as numbers of a type; a boolean that is neither 0 nor 1 would be undefined behavior in C++. */
    static Tensor numbers(Tensor bytes, ScalarType type) {
        return type == ScalarType.Bool ? bytes.ne(new Scalar(0)) : bytes.view(type);
    }

    /** Returns whether two tensors of one type have equal shapes and bits. */
    static boolean sameBits(Tensor a, Tensor b) {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.equals(a.shape(), b.shape()) && torch.equal(bits(a), bits(b));
        }
    }

    private static Tensor bits(Tensor tensor) {
        Tensor plain = tensor.detach().cpu().contiguous(); // one element has any stride
        return plain.as_strided(new long[] {plain.numel()}, new long[] {1}).view(ScalarType.Byte);
    }

    /** Returns a text of a file for an error message: shortened, and without control characters. */
    static String printable(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() <= 80 ? plain : plain.substring(0, 80) + "...";
    }

    /** Returns whether a tensor lies in a storage of a number of elements; no number is negative. */
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
