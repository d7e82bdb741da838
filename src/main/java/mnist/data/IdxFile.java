package mnist.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import mnist.system.UserError;

/**
 * Holds the content of one IDX file, the format of MNIST: a magic number, the dimensions as big-endian ints, then one
 * unsigned byte a value.
 *
 * @param name of the file, for error messages
 * @param shape the dimensions, the first of which counts the items
 * @param values all values, row-major
 */
record IdxFile(String name, int[] shape, byte[] values) {
    private static final int UNSIGNED_BYTES = 0x08;

    /**
     * Parses a file with the expected number of dimensions.
     *
     * @throws UserError if the magic number, the sizes in the header or the length of the content are wrong
     */
    static IdxFile parse(byte[] content, int dimensions, String name) {
        int header = 4 + 4 * dimensions;
        if (content.length < header)
            throw broken(name, "it ends within its header, after " + content.length + " bytes");
        ByteBuffer buffer = ByteBuffer.wrap(content);
        int magic = buffer.getInt();
        int expected = UNSIGNED_BYTES << 8 | dimensions;
        if (magic != expected)
            throw broken(name, String.format("its magic number is 0x%08X, not 0x%08X", magic, expected));
        int[] shape = new int[dimensions];
        long count = 1;
        for (int i = 0; i < dimensions; i++) {
            shape[i] = buffer.getInt();
            if (shape[i] <= 0) throw broken(name, "its header claims a dimension of " + shape[i]);
            count = Math.multiplyExact(Math.min(count, Integer.MAX_VALUE), (long) shape[i]);
        }
        if (count != content.length - header) {
            throw broken(
                    name,
                    "its header claims " + count + " bytes of data, but " + (content.length - header) + " follow");
        }
        return new IdxFile(name, shape, Arrays.copyOfRange(content, header, content.length));
    }

    int count() {
        return shape[0];
    }

    private static UserError broken(String name, String why) {
        return new UserError(name + " is not a usable IDX file: " + why, "replace it by one of the format");
    }
}
