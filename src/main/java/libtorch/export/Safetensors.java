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
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
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

    /** Types of numbers by their names in the format. */
    private static final Map<String, ScalarType> TYPES = Map.ofEntries(
            Map.entry("BOOL", ScalarType.Bool),
            Map.entry("U8", ScalarType.Byte),
            Map.entry("I8", ScalarType.Char),
            Map.entry("I16", ScalarType.Short),
            Map.entry("I32", ScalarType.Int),
            Map.entry("I64", ScalarType.Long),
            Map.entry("F16", ScalarType.Half),
            Map.entry("BF16", ScalarType.BFloat16),
            Map.entry("F32", ScalarType.Float),
            Map.entry("F64", ScalarType.Double),
            Map.entry("C64", ScalarType.ComplexFloat));

    private Safetensors() {}

    /**
     * Saves tensors under their names, in the types that they have, with texts that travel in the header; reads them
     * back to compare.
     */
    public static void save(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        header.add("__metadata__", new Gson().toJsonTree(metadata));
        long end = 0;
        for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
            Tensor tensor = named.getValue();
            long begin = end;
            end += tensor.element_size() * tensor.numel();
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", name(tensor));
            entry.add("shape", new Gson().toJsonTree(tensor.shape()));
            entry.add("data_offsets", new Gson().toJsonTree(new long[] {begin, end}));
            header.add(named.getKey(), entry);
        }
        byte[] content = layOut(header.toString(), tensors.values(), end);
        AtomicFile.write(file, temporary -> {
            Files.write(temporary, content);
            open(temporary).requireEqual(tensors);
        });
    }

    private static String name(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        return TYPES.entrySet().stream()
                .filter(known -> known.getValue() == type)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new LibTorchException(
                        "a tensor of type " + type + " cannot be saved as safetensors", "convert it to another type"));
    }

    /**
     * Loads a file's tensors into the network's parameters and buffers, which must have the same names and shapes;
     * where they have not, nothing is loaded. Other types of floating-point numbers are converted.
     *
     * @return the texts that travel in the header
     * @throws LibTorchException where the file is not of the format, or of another network
     */
    public static Map<String, String> load(Path file, Network network) {
        Weights weights = open(file);
        weights.loadInto(network);
        return weights.texts();
    }

    /**
     * Reads all tensors of a file, in the types that they have; on the CPU, in the open scope.
     *
     * @throws LibTorchException where the file is not of the format
     */
    public static Map<String, Tensor> read(Path file) {
        ByteBuffer content = content(file).order(ByteOrder.LITTLE_ENDIAN);
        JsonObject header = header(content, file);
        header.remove("__metadata__");
        ByteBuffer data = content.slice();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        header.asMap().forEach((name, entry) -> {
            Tensor tensor = tensor(entry, data);
            if (tensor == null)
                throw new LibTorchException(
                        Weights.printable(name) + " in " + file + " cannot be read", "write it anew with safetensors");
            tensors.put(name, tensor);
        });
        return tensors;
    }

    private static Weights open(Path file) {
        ByteBuffer content = content(file).order(ByteOrder.LITTLE_ENDIAN);
        JsonObject header = header(content, file);
        Map<String, String> metadata = metadata(header.remove("__metadata__"), file);
        ByteBuffer data = content.slice();
        Map<String, UnaryOperator<Tensor>> tensors = new HashMap<>();
        header.asMap().forEach((name, entry) -> tensors.put(name, like -> Weights.like(tensor(entry, data), like)));
        return new Weights(file, tensors, metadata);
    }

    /** Reads a tensor; returns null where its entry is malformed or does not fit the file. */
    private static @Nullable Tensor tensor(JsonElement element, ByteBuffer data) {
        try {
            JsonObject entry = element.getAsJsonObject();
            ScalarType type = TYPES.get(entry.get("dtype").getAsString());
            long begin = entry.getAsJsonArray("data_offsets").get(0).getAsLong();
            long end = entry.getAsJsonArray("data_offsets").get(1).getAsLong();
            long[] shape = new Gson().fromJson(entry.get("shape"), long[].class);
            if (type == null) return null;
            long bytes = torch.elementSize(type);
            for (long size : shape) bytes = size < 0 ? -1 : Math.multiplyExact(bytes, size);
            if (bytes < 0 || begin < 0 || end > data.capacity() || end - begin != bytes) return null;
            if (bytes == 0) return torch.zeros(shape, new TensorOptions(type));
            byte[] values = new byte[(int) bytes];
            data.get((int) begin, values);
            return Weights.numbers(Tensors.of(values, bytes), type).reshape(shape);
        } catch (RuntimeException missingOrNoNumber) {
            return null;
        }
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
            if (Files.size(file) > Integer.MAX_VALUE - 8)
                throw new LibTorchException(file + " is larger than 2 GB", "split it into several files");
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
