package mnist.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import libtorch.LibTorchException;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistFilesTest {
    @TempDir
    Path path;

    private LibTorchException failure(boolean verified) {
        return assertThrows(LibTorchException.class, () -> new MnistFiles(path, verified).read(MnistFile.TEST_LABELS));
    }

    private Path file(String name) {
        return path.resolve(name);
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void rawAndGzippedFilesHaveTheSameContent() throws IOException {
        byte[] content = {1, 2, 3};
        Files.write(file("t10k-labels-idx1-ubyte.gz"), gzip(content));
        assertArrayEquals(content, new MnistFiles(path, false).read(MnistFile.TEST_LABELS));
        Files.delete(file("t10k-labels-idx1-ubyte.gz"));
        Files.write(file("t10k-labels-idx1-ubyte"), content);
        assertArrayEquals(content, new MnistFiles(path, false).read(MnistFile.TEST_LABELS));
    }

    @Test
    void aFileOfTheRightSizeAndTheWrongDigestIsRefused() throws IOException {
        Files.write(file("t10k-labels-idx1-ubyte"), new byte[10_008]);
        assertEquals(
                file("t10k-labels-idx1-ubyte")
                        + " is not MNIST's file: its SHA-256 differs; delete it to have it fetched again, "
                        + "or pass --unverified-data to use your own data",
                failure(true).getMessage());
    }

    @Test
    void gzipThatEndsEarlyIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(UsesLibTorch.SAMPLE.resolve("t10k-labels-idx1-ubyte.gz"));
        for (int length : new int[] {0, 5, whole.length / 2, whole.length - 1}) {
            Files.write(file("t10k-labels-idx1-ubyte.gz"), Arrays.copyOf(whole, length));
            assertTrue(
                    failure(false).getMessage().startsWith(file("t10k-labels-idx1-ubyte.gz") + " is damaged ("),
                    "cut to " + length);
        }
    }

    @Test
    void aDamagedGzipIsRefused() throws IOException {
        byte[] content = Files.readAllBytes(UsesLibTorch.SAMPLE.resolve("t10k-labels-idx1-ubyte.gz"));
        content[content.length - 6] ^= 1; // in the checksum
        Files.write(file("t10k-labels-idx1-ubyte.gz"), content);
        assertTrue(failure(false).getMessage().contains("is damaged"));
    }

    @Test
    void gzipThatExpandsBeyondTheFilesSizeIsNotFollowed() throws IOException {
        Files.write(file("t10k-labels-idx1-ubyte.gz"), gzip(new byte[50_000_000]));
        assertEquals(
                file("t10k-labels-idx1-ubyte.gz")
                        + " holds more than the expected 10008 bytes; delete it to have it fetched again",
                failure(true).getMessage());
    }

    @Test
    void storedFilesAreWholeAndNothingElseIsLeft() throws IOException {
        MnistFiles folder = new MnistFiles(path.resolve("new"), true);
        assertFalse(folder.has(MnistFile.TEST_LABELS));
        folder.store(MnistFile.TEST_LABELS, new byte[] {7});
        assertTrue(folder.has(MnistFile.TEST_LABELS));
        assertArrayEquals(
                new String[] {"t10k-labels-idx1-ubyte"},
                path.resolve("new").toFile().list());
    }
}
