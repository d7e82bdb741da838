package libtorch.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A zip archive as PyTorch writes it: without compression, and with the contents at multiples of 64 bytes, so that they
 * can be mapped into memory. The same contents give the same bytes.
 */
final class StoredZip implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final int HEADER = 30; // bytes before an entry's name
    private static final short PADDING = 0x4246; // the id of PyTorch's extra field for padding

    private final OutputStream file;
    private final ZipOutputStream zip;
    private final String root;
    private long end;

    /** @param root folder of all entries */
    StoredZip(Path file, String root) throws IOException {
        this.file = Files.newOutputStream(file);
        zip = new ZipOutputStream(this.file);
        this.root = root;
    }

    void add(String name, String content) throws IOException {
        add(name, content.getBytes(StandardCharsets.UTF_8));
    }

    void add(String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(root + "/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
        end += HEADER + entry.getName().getBytes(StandardCharsets.UTF_8).length;
        int padding = (int) (ALIGNMENT - (end + 4) % ALIGNMENT) % ALIGNMENT;
        entry.setExtra(ByteBuffer.allocate(4 + padding)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(PADDING)
                .putShort((short) padding)
                .array());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
        end += 4 + padding + content.length;
    }

    @Override
    public void close() throws IOException {
        try (OutputStream closedToo = file) { // also if the disk is full when the central directory is written
            zip.close();
        }
    }
}
