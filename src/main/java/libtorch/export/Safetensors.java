package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads weights in the safetensors format: the length of the header (8 bytes, little-endian), the header in
 * JSON, then the raw data.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class Safetensors {
    /** Ends the files' names. */
    public static final String SUFFIX = ".safetensors";

    private Safetensors() {}

    /**
     * Saves parameters and buffers under their names, with texts that travel in the header; reads them back to compare.
     */
    public static void save(Path file, Map<String, Tensor> state, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        header.add("__metadata__", new Gson().toJsonTree(metadata));
        long end = 0;
        for (Map.Entry<String, Tensor> named : state.entrySet()) {
            Tensor tensor = named.getValue();
            long begin = end;
            end += bytes(tensor) * tensor.numel();
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", type(tensor));
            entry.add("shape", new Gson().toJsonTree(tensor.shape()));
            entry.add("data_offsets", new Gson().toJsonTree(new long[] {begin, end}));
            header.add(named.getKey(), entry);
        }
        byte[] content = layOut(header.toString(), state.values(), end);
        AtomicFile.write(file, temporary -> {
            Files.write(temporary, content);
            read(temporary).requireEqual(state);
        });
    }

    private static String type(Tensor tensor) {
        return tensor.is_floating_point() ? "F32" : "I64";
    }

    private static long bytes(Tensor tensor) {
        return tensor.is_floating_point() ? Float.BYTES : Long.BYTES;
    }

    /**
     * Loads a file's tensors into the network's parameters and buffers, which must have the same names and shapes;
     * where they have not, nothing is loaded.
     *
     * @return the texts that travel in the header
     * @throws LibTorchException where the file is not of the format, or of another network
     */
    public static Map<String, String> load(Path file, Network network) {
        Weights weights = read(file);
        weights.loadInto(network);
        return weights.texts();
    }

    private static Weights read(Path file) {
        ByteBuffer content = content(file).order(ByteOrder.LITTLE_ENDIAN);
        JsonObject header = header(content, file);
        Map<String, String> metadata = metadata(header.remove("__metadata__"), file);
        ByteBuffer data = content.slice();
        Map<String, UnaryOperator<Tensor>> tensors = new HashMap<>();
        header.asMap()
                .forEach((name, entry) -> tensors.put(name, like -> {
                    long begin = begin(entry, like, data.capacity());
                    if (begin < 0) return null;
                    ByteBuffer values = data.slice((int) begin, data.capacity() - (int) begin);
                    return tensor(values.order(ByteOrder.LITTLE_ENDIAN), like);
                }));
        return new Weights(file, tensors, metadata);
    }

    /** Reads a tensor that is like another one. */
    private static Tensor tensor(ByteBuffer data, Tensor like) {
        int n = Math.toIntExact(like.numel());
        if (like.is_floating_point()) {
            float[] values = new float[n];
            data.asFloatBuffer().get(values);
            return Tensors.of(values, like.shape());
        }
        long[] values = new long[n];
        data.asLongBuffer().get(values);
        return Tensors.of(values, like.shape());
    }

    private static Map<String, String> metadata(@Nullable JsonElement metadata, Path file) {
        Map<String, String> texts = new HashMap<>();
        if (metadata == null) return texts;
        try {
            metadata.getAsJsonObject()
                    .asMap()
                    .forEach((name, text) ->
                            texts.put(name, text.getAsJsonPrimitive().getAsString()));
            return texts;
        } catch (IllegalStateException | UnsupportedOperationException | ClassCastException notTexts) {
            throw new LibTorchException(
                    file + " is not a safetensors file: its metadata are no texts", "name another file", notTexts);
        }
    }

    private static ByteBuffer content(Path file) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "name a file that is there", e);
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
            throw new LibTorchException(
                    file + " is not a safetensors file: it has no readable header", "name another file", e);
        }
    }

    /** Returns where a tensor's data begins, or -1 where the entry does not fit the parameter or the file. */
    private static long begin(JsonElement element, Tensor tensor, long dataBytes) {
        try {
            JsonObject entry = element.getAsJsonObject();
            long begin = entry.getAsJsonArray("data_offsets").get(0).getAsLong();
            long end = entry.getAsJsonArray("data_offsets").get(1).getAsLong();
            long[] shape = new Gson().fromJson(entry.get("shape"), long[].class);
            boolean fits = entry.get("dtype").getAsString().equals(type(tensor))
                    && Arrays.equals(shape, tensor.shape())
                    && begin >= 0
                    && end <= dataBytes
                    && begin <= end
                    && end - begin == bytes(tensor) * tensor.numel();
            return fits ? begin : -1;
        } catch (RuntimeException missingOrNoNumber) {
            return -1;
        }
    }

    private static byte[] layOut(String header, Collection<Tensor> tensors, long dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8; // with spaces, so that the data is aligned
        ByteBuffer file =
                ByteBuffer.allocate(Math.toIntExact(8 + padded + dataBytes)).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded).put(json);
        while (file.position() < 8 + padded) file.put((byte) ' ');
        for (Tensor tensor : tensors) file.put(Weights.bytes(tensor));
        return file.array();
    }
}
