package mnist.torchscript;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import mnist.runtime.AtomicFile;
import mnist.runtime.Tensors;
import mnist.runtime.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes and reads weights in the safetensors format: the length of the header (8 bytes, little-endian), the header in JSON,
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

    /**
     * Loads a file's float32 tensors into the network's parameters, which must have the same names and shapes.
     *
     * @return the texts that travel in the header
     * @throws UserError where the file is not of the format, or of another network
     */
    public static Map<String, String> load(Path file, Network network) {
        ByteBuffer content = read(file).order(ByteOrder.LITTLE_ENDIAN);
        JsonObject header = header(content, file);
        JsonElement metadata = header.remove("__metadata__");
        int dataStart = content.position();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            StringTensorDict parameters = network.named_parameters();
            Set<String> names = new TreeSet<>(header.keySet());
            for (long i = 0; i < parameters.size(); i++) {
                String name = parameters.get(i).key().getString();
                Tensor parameter = parameters.get(i).value();
                if (!names.remove(name)) throw otherNetwork(file, "it lacks " + name);
                long begin = begin(header.getAsJsonObject(name), parameter, content.capacity() - dataStart);
                if (begin < 0)
                    throw otherNetwork(
                            file, "its " + name + " is not float32 of shape " + Arrays.toString(parameter.shape()));
                float[] values = new float[(int) parameter.numel()];
                content.position(Math.toIntExact(dataStart + begin));
                content.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
                parameter.copy_(Tensor.create(values, parameter.shape()));
            }
            if (!names.isEmpty())
                throw otherNetwork(file, "it also has " + names.iterator().next());
        }
        return metadata == null ? Map.of() : new Gson().fromJson(metadata, new TypeToken<Map<String, String>>() {});
    }

    private static ByteBuffer read(Path file) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UserError(
                    "cannot read " + file + " (" + AtomicFile.reason(e) + ")", "name a file that is there", e);
        }
    }

    /** Reads the header, and leaves the position at the data. */
    private static JsonObject header(ByteBuffer content, Path file) {
        try {
            long length = content.getLong();
            if (length < 2 || length > content.remaining()) throw new IllegalStateException();
            byte[] json = new byte[(int) length];
            content.get(json);
            return JsonParser.parseString(new String(json, StandardCharsets.UTF_8))
                    .getAsJsonObject();
        } catch (BufferUnderflowException | IllegalStateException | JsonParseException e) {
            throw new UserError(file + " is not a safetensors file: it has no readable header", "name another file", e);
        }
    }

    /** Returns where a tensor's data begins, or -1 where the entry does not fit the parameter or the file. */
    private static long begin(JsonObject entry, Tensor parameter, long dataBytes) {
        try {
            long begin = entry.getAsJsonArray("data_offsets").get(0).getAsLong();
            long end = entry.getAsJsonArray("data_offsets").get(1).getAsLong();
            long[] shape = new Gson().fromJson(entry.get("shape"), long[].class);
            boolean fits = entry.get("dtype").getAsString().equals("F32")
                    && Arrays.equals(shape, parameter.shape())
                    && begin >= 0
                    && end - begin == 4 * parameter.numel()
                    && end <= dataBytes;
            return fits ? begin : -1;
        } catch (RuntimeException missingOrNoNumber) {
            return -1;
        }
    }

    private static UserError otherNetwork(Path file, String why) {
        return new UserError(file + " does not fit the network: " + why, "say which network it is of with --model");
    }

    private static byte[] layOut(String header, List<float[]> data, long dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8; // with spaces, so that the data is aligned
        ByteBuffer file =
                ByteBuffer.allocate(Math.toIntExact(8 + padded + dataBytes)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < 8 + padded) file.put((byte) ' ');
        for (float[] values : data) {
            file.asFloatBuffer().put(values);
            file.position(file.position() + 4 * values.length);
        }
        return file.array();
    }
}
