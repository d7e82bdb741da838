package libtorch.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a protobuf message: the numbers of fields, and their values. */
final class Protobuf {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Protobuf add(int field, long value) {
        return varint(field << 3).varint(value);
    }

    Protobuf add(int field, float value) {
        varint(field << 3 | 5);
        int bits = Float.floatToIntBits(value);
        for (int shift = 0; shift < Integer.SIZE; shift += 8) out.write(bits >> shift);
        return this;
    }

    Protobuf add(int field, String text) {
        return add(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Protobuf add(int field, Protobuf message) {
        return add(field, message.bytes());
    }

    Protobuf add(int field, byte[] content) {
        varint(field << 3 | 2).varint(content.length).out.writeBytes(content);
        return this;
    }

    private Protobuf varint(long value) {
        long rest = value;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) out.write(((int) rest & 0x7f) | 0x80);
        out.write((int) rest);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
