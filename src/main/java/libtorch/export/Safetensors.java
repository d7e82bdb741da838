package libtorch.export;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.Weights.BadFile;
import libtorch.nn.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes and reads weights in the safetensors format: the length of the header (8 bytes, little-endian), the header in
 * JSON, then the raw data.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">the format</a>
 */
public final class Safetensors {
    /** The suffix of the files' names. */
    public static final String SUFFIX = ".safetensors";

    private static final Gson GSON = new Gson();

    /** Data types by their names in the format. */
    static final Map<String, ScalarType> TYPES = Map.ofEntries(
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

    /** Saves tensors by name, in their own types, with metadata in the header, and reads the file back to verify it. */
    public static void save(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        header.add("__metadata__", GSON.toJsonTree(metadata));
        long end = 0;
        for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
            Tensor tensor = named.getValue();
            long begin = end;
            end += tensor.element_size() * tensor.numel();
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", name(tensor));
            entry.add("shape", GSON.toJsonTree(tensor.shape()));
            entry.add("data_offsets", GSON.toJsonTree(new long[] {begin, end}));
            header.add(named.getKey(), entry);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8; // with spaces, so that the data is aligned
        ByteBuffer content =
                ByteBuffer.allocate(Math.toIntExact(8 + padded + end)).order(ByteOrder.LITTLE_ENDIAN);
        content.putLong(padded).put(json);
        while (content.position() < 8 + padded) content.put((byte) ' ');
        for (Tensor tensor : tensors.values()) content.put(Weights.bytes(tensor));
        AtomicFile.write(file, temporary -> {
            Files.write(temporary, content.array());
            try (PointerScope scope = new PointerScope()) {
                open(temporary).requireEqual(tensors);
            }
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
     * otherwise nothing is loaded. Data types are converted.
     *
     * @return the metadata in the header
     * @throws OtherNetworkException if the file is of another network
     * @throws LibTorchException if it is not of the format
     */
    public static Map<String, String> load(Path file, Network network) {
        try (PointerScope scope = new PointerScope()) {
            return open(file).loadInto(network);
        }
    }

    /**
     * Reads all tensors of a file, in their own types; on the CPU, in the open scope.
     *
     * @throws LibTorchException if the file is not of the format
     */
    public static Map<String, Tensor> read(Path file) {
        return open(file).tensors();
    }

    private static Weights open(Path file) {
        ByteBuffer content = Weights.content(file);
        String part = "header"; // being read
        try {
            long length = content.getLong();
            if (length < 0 || length > content.remaining()) throw new BufferUnderflowException();
            byte[] json = new byte[(int) length];
            content.get(json);
            JsonObject header = JsonParser.parseString(new String(json, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            ByteBuffer data = content.slice();
            Map<String, String> texts = new HashMap<>();
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonElement> named : header.entrySet()) {
                part = named.getKey();
                JsonObject entry = named.getValue().getAsJsonObject();
                if (!part.equals("__metadata__")) tensors.put(part, tensor(entry, data));
                else
                    entry.asMap()
                            .forEach((name, text) ->
                                    texts.put(name, text.getAsJsonPrimitive().getAsString()));
            }
            return new Weights(file, tensors, texts);
        } catch (RuntimeException e) {
            String why = e instanceof BadFile ? e.getMessage() : "malformed";
            throw new LibTorchException(
                    file + " is not a safetensors file: its " + Weights.printable(part) + " is " + why,
                    "save it with safetensors.torch.save_file(model.state_dict(), f)",
                    e);
        }
    }

    /** Reads a tensor; throws a RuntimeException if its entry is malformed. */
    private static Tensor tensor(JsonObject entry, ByteBuffer data) {
        String dtype = entry.get("dtype").getAsString();
        ScalarType type = TYPES.get(dtype);
        if (type == null) throw new BadFile("of the type " + Weights.printable(dtype) + ", which is not read");
        long[] offsets = GSON.fromJson(entry.get("data_offsets"), long[].class);
        long[] shape = GSON.fromJson(entry.get("shape"), long[].class);
        long bytes = torch.elementSize(type);
        for (long size : shape) bytes = size < 0 ? -1 : Math.multiplyExact(bytes, size);
        if (bytes < 0 || offsets[0] < 0 || offsets[1] > data.capacity() || offsets[1] - offsets[0] != bytes)
            throw new BadFile("outside its data");
        if (bytes == 0) return torch.zeros(shape, new TensorOptions(type));
        byte[] values = new byte[(int) bytes];
        data.get((int) offsets[0], values);
        return Weights.numbers(Tensors.of(values, bytes), type).reshape(shape);
    }
}
