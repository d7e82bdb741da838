package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.StatePickle.Storage;
import libtorch.export.StatePickle.Stored;
import libtorch.export.Weights.BadFile;
import libtorch.nn.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes and reads a state_dict, as {@code torch.save(model.state_dict(), f)} writes it and {@code torch.load(f)} reads
 * it: a zip archive with a pickle, which describes the tensors, and the raw data.
 */
public final class StateDict {
    /** The suffix of the files' names. */
    public static final String SUFFIX = ".pth";

    private static final String ROOT = "archive";
    private static final String TEXTS = "extra/"; // as in files of torch.jit.save; torch.load ignores them
    private static final int MOST_PICKLE = 4 << 20; // a state_dict takes about 200 bytes a tensor
    private static final int MOST_TEXT = 1 << 24;

    /** The first pickle in a file of the format before zip archives, without its header: a number of ten bytes. */
    private static final String MAGIC = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";

    private StateDict() {}

    /** Saves parameters and buffers by name, with texts, and reads the file back to verify it. */
    public static void save(Path file, Map<String, Tensor> state, Map<String, String> texts) {
        AtomicFile.write(file, temporary -> {
            try (StoredZip zip = new StoredZip(temporary, ROOT)) {
                zip.add("data.pkl", StatePickle.write(state));
                zip.add("byteorder", "little");
                int number = 0;
                for (Tensor tensor : state.values()) zip.add("data/" + number++, Weights.bytes(tensor));
                zip.add("version", "3\n");
                for (Map.Entry<String, String> text : texts.entrySet()) {
                    zip.add(TEXTS + text.getKey(), text.getValue());
                }
            }
            try (PointerScope scope = new PointerScope()) {
                open(temporary).requireEqual(state);
            }
        });
    }

    /**
     * Loads a file's tensors into the network's parameters and buffers, which must have the same names and shapes;
     * otherwise nothing is loaded. Data types are converted. No code in the file is run.
     *
     * @return the texts in the file
     * @throws OtherNetworkException if the file is of another network
     * @throws LibTorchException if it is not a state_dict
     */
    public static Map<String, String> load(Path file, Network network) {
        try (PointerScope scope = new PointerScope()) {
            return open(file).loadInto(network);
        }
    }

    /**
     * Reads all tensors of a file, in their own types; on the CPU, in the open scope.
     *
     * @throws LibTorchException if it is not a state_dict
     */
    public static Map<String, Tensor> read(Path file) {
        return open(file).tensors();
    }

    private static Weights open(Path file) {
        try {
            byte[] begin;
            try (InputStream in = Files.newInputStream(file)) {
                begin = in.readNBytes(32);
            }
            int magic = new String(begin, StandardCharsets.ISO_8859_1).indexOf(MAGIC);
            return magic < 0 ? readZip(file) : readPickles(file, magic + MAGIC.length());
        } catch (FileSystemException e) {
            throw AtomicFile.cannotRead(file, "check the path and its permissions", e);
        } catch (IOException | BadFile e) {
            String why = e instanceof IOException io ? AtomicFile.reason(io) : String.valueOf(e.getMessage());
            throw new LibTorchException(
                    file + " is not a state_dict (" + Weights.printable(why) + ")",
                    "save it with torch.save(model.state_dict(), f)",
                    e);
        }
    }

    private static Weights readZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String root = root(zip);
            ByteBuffer pickle = ByteBuffer.wrap(content(zip, root + "data.pkl", MOST_PICKLE));
            requireLittleEndian(zip.getEntry(root + "byteorder") == null
                    || text(zip, root + "byteorder").equals("little"));
            Map<String, Stored> stored = new StatePickle(pickle.order(ByteOrder.LITTLE_ENDIAN)).tensors();
            Map<String, Tensor> tensors = tensors(stored, key -> content(zip, root + "data/" + key, Integer.MAX_VALUE));
            Map<String, String> texts = new HashMap<>();
            String record = root + TEXTS + TorchScript.RECORD;
            if (zip.getEntry(record) != null) texts.put(TorchScript.RECORD, text(zip, record));
            return new Weights(file, tensors, texts);
        }
    }

    /**
     * Reads what {@code torch.save} wrote before PyTorch 1.6: pickles of a magic number, a version, the system's types,
     * the state_dict and the keys of its storages, then of each storage its length and its elements.
     *
     * @param position after the magic number
     */
    private static Weights readPickles(Path file, int position) throws IOException {
        ByteBuffer content = Weights.content(file);
        content.position(position).limit(Math.min(position + MOST_PICKLE, content.capacity()));
        new StatePickle(content).read(version -> version);
        requireLittleEndian(Boolean.TRUE.equals(
                new StatePickle(content).read(StatePickle::dict).get("little_endian")));
        Map<String, Stored> stored = new StatePickle(content).tensors();
        List<Object> keys = new StatePickle(content).read(StatePickle::list);
        content.limit(content.capacity());
        Map<String, Storage> described = new HashMap<>();
        stored.values().forEach(tensor -> described.put(tensor.storage().key(), tensor.storage()));
        Map<String, byte[]> storages = new HashMap<>();
        for (Object key : keys) {
            Storage storage = described.get(key);
            if (storage == null
                    || content.remaining() < Long.BYTES
                    || storage.bytes() > content.remaining() - Long.BYTES)
                throw new BadFile("its storages are damaged");
            if (content.getLong() != storage.length()) throw new BadFile("a storage has another length");
            byte[] bytes = new byte[(int) storage.bytes()];
            content.get(bytes);
            storages.put(storage.key(), bytes);
        }
        return new Weights(file, tensors(stored, key -> storages.getOrDefault(key, new byte[0])), Map.of());
    }

    private static void requireLittleEndian(boolean littleEndian) {
        if (!littleEndian) throw new BadFile("its numbers are not little-endian");
    }

    /** Returns the bytes of a storage. */
    private interface Storages {
        byte[] bytes(String key) throws IOException;
    }

    /** Returns the tensors; a storage that several of them share is read once. */
    private static Map<String, Tensor> tensors(Map<String, Stored> stored, Storages storages) throws IOException {
        Map<String, Tensor> read = new HashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, Stored> named : stored.entrySet()) {
            Stored view = named.getValue();
            Storage storage = view.storage();
            Tensor bytes = read.get(storage.key());
            if (bytes == null) {
                byte[] content = storages.bytes(storage.key());
                bytes = Tensors.of(content, content.length);
                read.put(storage.key(), bytes);
            }
            if (bytes.numel() != storage.bytes())
                throw new BadFile("a storage has " + bytes.numel() + " bytes, not " + storage.bytes());
            Tensor numbers = Weights.numbers(bytes, storage.type());
            tensors.put(
                    named.getKey(), numbers.as_strided(view.sizes(), view.strides(), new LongOptional(view.offset())));
        }
        return tensors;
    }

    private static String root(ZipFile zip) {
        return zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .findFirst()
                .map(name -> name.substring(0, name.indexOf('/') + 1))
                .orElseThrow(() -> new BadFile("it has no data.pkl"));
    }

    private static String text(ZipFile zip, String name) throws IOException {
        return new String(content(zip, name, MOST_TEXT), StandardCharsets.UTF_8);
    }

    private static byte[] content(ZipFile zip, String name, int most) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) throw new BadFile("it has no " + Weights.printable(name));
        if (entry.getMethod() != ZipEntry.STORED) throw new BadFile(Weights.printable(name) + " is compressed");
        if (entry.getSize() < 0 || entry.getSize() > most) throw new BadFile(Weights.printable(name) + " is too large");
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
