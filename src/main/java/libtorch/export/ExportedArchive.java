package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads the archive of a .pt2 file: a zip without compression, whose entries are in one folder. Its content is not
 * trusted, and not unpacked to the disk.
 */
final class ExportedArchive implements AutoCloseable {
    /** The largest size of an entry that is read as text, in bytes. */
    private static final long MOST_TEXT = 32 << 20;

    /** The format's code of the layout of dense tensors. */
    static final int STRIDED = 7;

    /** Data types by their codes in the format. */
    static final List<ScalarType> TYPES = List.of(
            ScalarType.Undefined,
            ScalarType.Byte,
            ScalarType.Char,
            ScalarType.Short,
            ScalarType.Int,
            ScalarType.Long,
            ScalarType.Half,
            ScalarType.Float,
            ScalarType.Double,
            ScalarType.ComplexHalf,
            ScalarType.ComplexFloat,
            ScalarType.ComplexDouble,
            ScalarType.Bool,
            ScalarType.BFloat16);

    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new HashMap<>(); // by their names in the folder
    private final Map<String, Tensor> contents = new HashMap<>(); // bytes of weights, which several tensors may share

    /**
     * Opens an archive and checks its table of contents.
     *
     * @throws IOException if it is not a zip file
     * @throws IllegalArgumentException if it is not of this format
     */
    ExportedArchive(Path file) throws IOException {
        zip = new ZipFile(file.toFile());
        try {
            String folder = null;
            long bytes = 0;
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String[] name = entry.getName().split("/", 2);
                if (folder == null) folder = name[0];
                boolean inside = name.length == 2 && name[0].equals(folder) && !folder.isEmpty() && isSafe(name[1]);
                if (!inside) throw new IllegalArgumentException("an entry lies outside the archive's folder");
                if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize())
                    throw new IllegalArgumentException(name[1] + " is compressed");
                if (entries.put(name[1], entry) != null)
                    throw new IllegalArgumentException("there are two entries " + name[1]);
                bytes += entry.getSize();
                if (entry.getSize() < 0 || bytes > Files.size(file))
                    throw new IllegalArgumentException("its entries are larger than the file");
            }
            if (!has("archive_format") || !text("archive_format").equals("pt2"))
                throw new IllegalArgumentException("its archive_format is not pt2");
            if (!has("byteorder") || !text("byteorder").equals("little"))
                throw new IllegalArgumentException("its byteorder is not little");
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private static boolean isSafe(String name) {
        return !List.of(name.split("/")).contains("..") && !name.startsWith("/") && !name.contains("\\");
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** Returns the names of entries with a prefix and a suffix, without these, sorted. */
    List<String> names(String prefix, String suffix) {
        return entries.keySet().stream()
                .filter(name -> name.startsWith(prefix) && name.endsWith(suffix))
                .map(name ->
                        name.substring(prefix.length(), Math.max(prefix.length(), name.length() - suffix.length())))
                .sorted()
                .toList();
    }

    String text(String name) throws IOException {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    Json json(String name) throws IOException {
        return Json.parse(name, bytes(name));
    }

    long size(String name) {
        return entry(name).getSize();
    }

    /** Returns an entry's bytes, of any number. */
    byte[] content(String name) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(size(name))];
        read(entry(name), (buffer, n, from) -> System.arraycopy(buffer, 0, bytes, (int) from, n));
        return bytes;
    }

    private byte[] bytes(String name) throws IOException {
        ZipEntry entry = entry(name);
        if (entry.getSize() > MOST_TEXT)
            throw new IllegalArgumentException(name + " is larger than " + (MOST_TEXT >> 20) + " MB");
        return content(name);
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) throw new IllegalArgumentException("it lacks " + name);
        return entry;
    }

    private interface Sink {
        void put(byte[] buffer, int n, long position);
    }

    /** Reads an entry in pieces, and checks its length and checksum. */
    private void read(ZipEntry entry, Sink sink) throws IOException {
        CRC32 checksum = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long position = 0;
        try (InputStream in = zip.getInputStream(entry)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (position + n > entry.getSize()) break;
                checksum.update(buffer, 0, n);
                sink.put(buffer, n, position);
                position += n;
            }
        }
        if (position != entry.getSize() || checksum.getValue() != entry.getCrc())
            throw new IllegalArgumentException(entry.getName().split("/", 2)[1] + " is damaged");
    }

    /**
     * Reads a tensor, in the open scope.
     *
     * @param path name of the entry with its bytes
     * @param meta its type, sizes, strides and offset in the entry
     * @throws IllegalArgumentException if the tensor does not fit the entry
     */
    Tensor tensor(String path, Json meta, Device device) throws IOException {
        ScalarType type = type(meta.get("dtype"));
        long[] sizes = numbers(meta.get("sizes"));
        long[] strides = numbers(meta.get("strides"));
        long offset = number(meta.get("storage_offset"));
        if (sizes.length != strides.length) throw meta.get("strides").wrong("of one stride for each size");
        if (meta.get("layout").integer() != STRIDED) throw meta.get("layout").wrong("that of a dense tensor");
        long elements = entry(path).getSize() / torch.elementSize(type);
        if (!Weights.fits(sizes, strides, offset, elements) || entry(path).getSize() % torch.elementSize(type) != 0)
            throw new IllegalArgumentException(
                    meta.place() + " does not fit the " + entry(path).getSize() + " bytes of " + path);
        if (elements == 0) return torch.zeros(sizes, new TensorOptions(type)).to(device, type);
        Tensor bytes = contents.get(path);
        if (bytes == null) {
            bytes = read(path);
            contents.put(path, bytes);
        }
        return torch.as_strided(Weights.numbers(bytes, type), sizes, strides, new LongOptional(offset))
                .to(device, type);
    }

    private Tensor read(String path) throws IOException {
        long size = entry(path).getSize();
        Tensor bytes = torch.empty(new long[] {size}, new TensorOptions(ScalarType.Byte), new MemoryFormatOptional());
        BytePointer data = new BytePointer(bytes.data_ptr()).capacity(size);
        read(entry(path), (buffer, n, position) -> data.position(position).put(buffer, 0, n));
        return bytes;
    }

    static ScalarType type(Json code) {
        long index = code.integer();
        if (index <= 0 || index >= TYPES.size()) throw code.wrong("the code of a type that can be read");
        return TYPES.get((int) index);
    }

    static long[] numbers(Json list) {
        return list.list().stream().mapToLong(ExportedArchive::number).toArray();
    }

    static long number(Json number) {
        long value = number.get("as_int").integer();
        if (value < 0) throw number.wrong("0 or more");
        return value;
    }

    @Override
    public void close() throws IOException {
        contents.values().forEach(Tensor::close); // the weights share their storage, or are copies on a GPU
        contents.clear();
        zip.close();
    }
}
