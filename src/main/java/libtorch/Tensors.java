package libtorch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Copies Java arrays into tensors, and tensors into Java arrays, which outlive a {@link PointerScope}. Throws an
 * IllegalArgumentException if an array does not have as many values as the shape.
 */
public final class Tensors {
    static {
        LibTorch.ensureLoaded();
    }

    private Tensors() {}

    /** Returns a tensor of row-major floats on the CPU, in the open scope; without a shape, a scalar. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, values.length, shape);
        if (values.length > 0) tensor.data_ptr_float().put(values);
        return tensor;
    }

    /** Returns a tensor of doubles, as {@link #of(float[], long...)} does. */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, values.length, shape);
        if (values.length > 0) tensor.data_ptr_double().put(values);
        return tensor;
    }

    /** Returns a tensor of longs, as {@link #of(float[], long...)} does. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Long, values.length, shape);
        if (values.length > 0) tensor.data_ptr_long().put(values);
        return tensor;
    }

    /** Returns a tensor of unsigned bytes, as {@link #of(float[], long...)} does. */
    public static Tensor of(byte[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Byte, values.length, shape);
        if (values.length > 0) new BytePointer(tensor.data_ptr()).put(values);
        return tensor;
    }

    /** Avoids {@link Tensor#create}: it uses JavaCPP's indexers, about which JDK 24 and later print warnings. */
    private static Tensor empty(ScalarType type, int values, long[] shape) {
        if (!hasSize(shape, values))
            throw new IllegalArgumentException(
                    values + " values do not make a tensor of shape " + Arrays.toString(shape));
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    /** Returns whether a tensor of a shape has this number of values. */
    public static boolean hasSize(long[] shape, long values) {
        long size = 1;
        for (long side : shape) {
            if (side < 0 || (size != 0 && side > Integer.MAX_VALUE)) return false;
            size *= side;
            if (size > Integer.MAX_VALUE) return false;
        }
        return size == values;
    }

    /** Returns all values in row-major order, converted to float. */
    public static float[] floats(Tensor tensor) {
        return copy(
                tensor,
                ScalarType.Float,
                float[]::new,
                (plain, values) -> plain.data_ptr_float().get(values));
    }

    /** Returns all values in row-major order, converted to double. */
    public static double[] doubles(Tensor tensor) {
        return copy(
                tensor,
                ScalarType.Double,
                double[]::new,
                (plain, values) -> plain.data_ptr_double().get(values));
    }

    /** Returns all values in row-major order, converted to long. */
    public static long[] longs(Tensor tensor) {
        return copy(
                tensor,
                ScalarType.Long,
                long[]::new,
                (plain, values) -> plain.data_ptr_long().get(values));
    }

    /** Returns all values of a tensor of bytes, in row-major order. */
    public static byte[] bytes(Tensor tensor) {
        return copy(
                tensor, ScalarType.Byte, byte[]::new, (plain, values) -> new BytePointer(plain.data_ptr()).get(values));
    }

    private static <A> A copy(Tensor tensor, ScalarType type, IntFunction<A> array, BiConsumer<Tensor, A> get) {
        try (PointerScope scope = new PointerScope()) {
            if (requireOpen(tensor).defined() && tensor.is_complex())
                throw new IllegalArgumentException(
                        "the tensor is complex: take its real and imaginary parts, as with torch.view_as_real");
            Tensor plain = onCpu(tensor, type);
            if (plain.numel() > Integer.MAX_VALUE - 8)
                throw new IllegalArgumentException("a Java array cannot have " + plain.numel() + " values");
            A values = array.apply((int) plain.numel());
            if (plain.numel() > 0) get.accept(plain, values);
            return values;
        }
    }

    /**
     * Formats a tensor: its values in brackets, at most 20 in each dimension, then its type and shape. Complex values
     * are pairs of their real and imaginary parts.
     */
    public static String text(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            boolean complex = requireOpen(tensor).defined() && tensor.is_complex();
            ScalarType type = complex || tensor.is_floating_point() ? ScalarType.Double : ScalarType.Long;
            String values = values(onCpu(complex ? torch.view_as_real(tensor) : tensor, type), "");
            return values + "  " + tensor.scalar_type().intern() + Arrays.toString(tensor.shape());
        }
    }

    private static String values(Tensor tensor, String indent) {
        if (tensor.dim() == 0)
            return tensor.is_floating_point()
                    ? String.format(Locale.ROOT, "%.6g", tensor.item_double())
                    : Long.toString(tensor.item_long());
        long shown = Math.min(20, tensor.size(0));
        List<String> parts = new ArrayList<>();
        for (long i = 0; i < shown; i++) parts.add(values(tensor.select(0, i), indent + " "));
        if (shown < tensor.size(0)) parts.add("…");
        return "[" + String.join(tensor.dim() == 1 ? ", " : ",\n" + indent + " ", parts) + "]";
    }

    /** Returns the values of an N×… tensor as N rows. */
    public static float[][] rows(Tensor tensor) {
        float[] values = floats(tensor);
        if (tensor.dim() == 0) throw new IllegalArgumentException("a scalar has no rows");
        int rows = (int) tensor.size(0);
        int width = rows == 0 ? 0 : values.length / rows;
        float[][] result = new float[rows][];
        for (int i = 0; i < rows; i++) {
            result[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
        return result;
    }

    /** Returns the tensor; throws an IllegalStateException if it was freed with its scope. */
    public static Tensor requireOpen(Tensor tensor) {
        if (!tensor.isNull()) return tensor;
        throw new IllegalStateException("the tensor was freed with the PointerScope it was made in");
    }

    /** Returns the address of a tensor's storage, which views share; 0 if it has none. */
    public static long storageAddress(Tensor tensor) {
        return tensor.has_storage() && tensor.numel() > 0
                ? tensor.storage().mutable_data().address()
                : 0;
    }

    private static Tensor onCpu(Tensor tensor, ScalarType type) {
        if (!requireOpen(tensor).defined()) throw new IllegalArgumentException("the tensor is undefined");
        return tensor.detach().to(new Device("cpu"), type).contiguous();
    }
}
