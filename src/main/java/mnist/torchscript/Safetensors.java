package mnist.torchscript;

import com.google.gson.JsonObject;
import com.google.gson.Gson;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mnist.runtime.AtomicFile;
import mnist.runtime.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes weights in the safetensors format: the length of the header (8 bytes, little-endian), the header in JSON,
 * then the raw data.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class Safetensors {
    private Safetensors() {}

    /** Saves the network's parameters as float32 under their names, with texts that travel in the header. */
    public static void save(Path file, Network network, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        header.add("__metadata__", new Gson().toJsonTree(metadata));
        List<float[]> data = new ArrayList<>();
        long end = 0;
        try (PointerScope scope = new PointerScope()) {
            StringTensorDict parameters = network.named_parameters();
            for (long i = 0; i < parameters.size(); i++) {
                Tensor tensor = parameters.get(i).value();
                data.add(Tensors.floats(tensor));
                long begin = end;
                end += 4L * tensor.numel();
                JsonObject entry = new JsonObject();
                entry.addProperty("dtype", "F32");
                entry.add("shape", new Gson().toJsonTree(tensor.shape()));
                entry.add("data_offsets", new Gson().toJsonTree(new long[] {begin, end}));
                header.add(parameters.get(i).key().getString(), entry);
            }
        }
        byte[] content = layOut(header.toString(), data, end);
        AtomicFile.write(file, temporary -> Files.write(temporary, content));
    }

    private static byte[] layOut(String header, List<float[]> data, long dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8; // with spaces, so that the data is aligned
        ByteBuffer file = ByteBuffer.allocate(Math.toIntExact(8 + padded + dataBytes)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < 8 + padded) file.put((byte) ' ');
        for (float[] values : data) {
            file.asFloatBuffer().put(values);
            file.position(file.position() + 4 * values.length);
        }
        return file.array();
    }
}
