package libtorch;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Copies Java arrays into tensors, and tensors into Java arrays: the way out of a {@link PointerScope}. */
public final class Tensors {
    private Tensors() {}

    /** Makes a tensor of floats, row-major, on the CPU; in the open scope. Without a shape it is a scalar. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Float, shape);
        tensor.data_ptr_float().put(values);
        return tensor;
    }

    /** Makes a tensor of doubles, row-major, on the CPU; in the open scope. */
    public static Tensor of(double[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Double, shape);
        tensor.data_ptr_double().put(values);
        return tensor;
    }

    /** Makes a tensor of longs, row-major, on the CPU; in the open scope. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Long, shape);
        tensor.data_ptr_long().put(values);
        return tensor;
    }

    /** Makes a tensor of unsigned bytes, row-major, on the CPU; in the open scope. */
    public static Tensor of(byte[] values, long... shape) {
        Tensor tensor = empty(ScalarType.Byte, shape);
        new BytePointer(tensor.data_ptr()).put(values);
        return tensor;
    }

    /** {@link Tensor#create} goes through JavaCPP's indexers, about which JDK 24 and later print warnings. */
    private static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    /** Returns all values in row-major order, converted to float. */
    public static float[] floats(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = onCpu(tensor, ScalarType.Float);
            float[] values = new float[(int) plain.numel()];
            plain.data_ptr_float().get(values);
            return values;
        }
    }

    /** Returns all values in row-major order, converted to double. */
    public static double[] doubles(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = onCpu(tensor, ScalarType.Double);
            double[] values = new double[(int) plain.numel()];
            plain.data_ptr_double().get(values);
            return values;
        }
    }

    /** Returns all values in row-major order, converted to long. */
    public static long[] longs(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = onCpu(tensor, ScalarType.Long);
            long[] values = new long[(int) plain.numel()];
            plain.data_ptr_long().get(values);
            return values;
        }
    }

    /** Returns all values of a tensor of bytes, in row-major order. */
    public static byte[] bytes(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor plain = onCpu(tensor, ScalarType.Byte);
            byte[] values = new byte[(int) plain.numel()];
            new BytePointer(plain.data_ptr()).get(values);
            return values;
        }
    }

    /** Returns the values of an N×… tensor as N rows. */
    public static float[][] rows(Tensor tensor) {
        float[] values = floats(tensor);
        int rows = (int) tensor.size(0);
        int width = rows == 0 ? 0 : values.length / rows;
        float[][] result = new float[rows][];
        for (int i = 0; i < rows; i++) {
            result[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
        return result;
    }

    private static Tensor onCpu(Tensor tensor, ScalarType type) {
        return tensor.detach().to(new Device("cpu"), type).contiguous();
    }
}
