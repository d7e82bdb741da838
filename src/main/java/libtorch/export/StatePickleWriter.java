package libtorch.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Writes the pickle of a state_dict, as {@code torch.save} does. */
final class StatePickleWriter {
    private StatePickleWriter() {}

    /** Returns the pickle of tensors whose data is in files "0", "1" and so on, in order. */
    static byte[] write(Map<String, Tensor> state) {
        Writer out = new Writer();
        out.opcode(0x80, 2).global("collections", "OrderedDict").opcode(')', 'R', '(');
        int key = 0;
        for (Map.Entry<String, Tensor> named : state.entrySet()) {
            Tensor tensor = named.getValue();
            long[] sizes = tensor.shape();
            long[] strides = new long[sizes.length];
            long length = 1;
            for (int d = sizes.length - 1; d >= 0; length *= sizes[d--]) strides[d] = length;
            out.text(named.getKey())
                    .global("torch._utils", "_rebuild_tensor_v2")
                    .opcode('(');
            out.opcode('(').text("storage").global("torch", StatePickle.storageOf(tensor));
            out.text(Integer.toString(key++)).text("cpu").number(length).opcode('t', 'Q');
            out.number(0).tuple(sizes).tuple(strides).opcode(0x89);
            out.global("collections", "OrderedDict").opcode(')', 'R', 't', 'R');
        }
        return out.opcode('u', '.').bytes.toByteArray();
    }

    private static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Writer opcode(int... opcodes) {
            for (int opcode : opcodes) bytes.write(opcode);
            return this;
        }

        Writer global(String module, String name) {
            bytes.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Writer text(String text) {
            byte[] content = text.getBytes(StandardCharsets.UTF_8);
            opcode('X').integer(content.length).bytes.writeBytes(content);
            return this;
        }

        Writer number(long number) {
            return opcode('J').integer(Math.toIntExact(number));
        }

        Writer tuple(long... numbers) {
            opcode('(');
            for (long number : numbers) number(number);
            return opcode('t');
        }

        private Writer integer(int value) {
            return opcode(value, value >> 8, value >> 16, value >> 24);
        }
    }
}
