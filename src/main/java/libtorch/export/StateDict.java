package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.StatePickle.Storage;
import libtorch.export.StatePickle.Stored;
import libtorch.nn.Network;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads a state_dict, as {@code torch.save(model.state_dict(), f)} writes it and {@code torch.load(f)} reads
 * it: a zip archive with a pickle, which describes the tensors, and the raw data.
 */
public final class StateDict {
    /** Ends the files' names. */
    public static final String SUFFIX = ".pth";

    private static final String ROOT = "archive";
    private static final String TEXTS = "extra/"; // where torch.jit.save has its texts too; torch.load passes them by
    private static final int MOST_PICKLE = 1 << 20; // a state_dict takes about 200 bytes a tensor
    private static final int MOST_TEXT = 1 << 24;

    private StateDict() {}

    /**
     * Saves parameters and buffers under their names, with texts that travel in the file; reads them back to compare.
     */
    public static void save(Path file, Map<String, Tensor> state, Map<String, String> texts) {
        AtomicFile.write(file, temporary -> {
            try (StoredZip zip = new StoredZip(temporary, ROOT)) {
                zip.add("data.pkl", StatePickleWriter.write(state));
                zip.add("byteorder", "little");
                int number = 0;
                for (Tensor tensor : state.values()) zip.add("data/" + number++, Weights.bytes(tensor));
                zip.add("version", "3\n");
                for (Map.Entry<String, String> text : texts.entrySet()) {
                    zip.add(TEXTS + text.getKey(), text.getValue());
                }
            }
            read(temporary).requireEqual(state);
        });
    }

    /**
     * Loads a file's tensors into the network's parameters and buffers, which must have the same names and shapes;
     * where they have not, nothing is loaded. Other types of numbers are converted. Nothing in the file is run.
     *
     * @return the texts that travel in the file
     * @throws LibTorchException where the file is not a state_dict, or of another network
     */
    public static Map<String, String> load(Path file, Network network) {
        Weights weights = read(file);
        weights.loadInto(network);
        return weights.texts();
    }

    private static Weights read(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String root = root(zip);
            byte[] pickle = content(zip, root + "data.pkl", MOST_PICKLE);
            if (zip.getEntry(root + "byteorder") != null
                    && !text(zip, root + "byteorder").equals("little")) {
                throw new BadFile("its numbers are not little-endian");
            }
            Map<String, UnaryOperator<Tensor>> tensors = new HashMap<>();
            new StatePickle(pickle)
                    .read()
                    .forEach((name, stored) -> tensors.put(name, like -> tensor(file, root, stored, like)));
            Map<String, String> texts = new HashMap<>();
            String record = root + TEXTS + TorchScript.RECORD;
            if (zip.getEntry(record) != null) texts.put(TorchScript.RECORD, text(zip, record));
            return new Weights(file, tensors, texts);
        } catch (IOException | BadFile e) {
            throw noStateDict(file, e);
        }
    }

    /** Reads a tensor; returns null where it has another shape than it must have. */
    private static @Nullable Tensor tensor(Path file, String root, Stored stored, Tensor like) {
        if (!Arrays.equals(stored.sizes(), like.shape())) return null;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Storage storage = stored.storage();
            byte[] bytes = content(zip, root + "data/" + storage.key(), Integer.MAX_VALUE);
            if (bytes.length != storage.bytes()) {
                throw new BadFile("a storage has " + bytes.length + " bytes, not " + storage.bytes());
            }
            return Weights.numbers(Tensors.of(bytes, bytes.length), storage.type().scalar)
                    .as_strided(stored.sizes(), stored.strides(), new LongOptional(stored.offset()))
                    .to(like.scalar_type());
        } catch (IOException | BadFile e) {
            throw noStateDict(file, e);
        }
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

    private static LibTorchException noStateDict(Path file, Exception e) {
        String why = e instanceof IOException io ? AtomicFile.reason(io) : String.valueOf(e.getMessage());
        return new LibTorchException(
                file + " is not a state_dict (" + Weights.printable(why) + ")",
                "save it with torch.save(model.state_dict(), f)",
                e);
    }

    /** What is wrong with a file. */
    static final class BadFile extends RuntimeException {
        BadFile(String why) {
            super(why);
        }
    }
}
