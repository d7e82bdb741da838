package mnist.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import libtorch.AtomicFile;
import mnist.system.UserError;
import org.jspecify.annotations.Nullable;

/**
 * The folder that keeps MNIST, as raw IDX files or gzipped.
 *
 * @param path the folder; it need not exist yet
 * @param verified whether only files with MNIST's digests are used
 */
record MnistFolder(Path path, boolean verified) {
    private static final int MOST_BYTES = 256 << 20; // of an unverified set; more is a mistake or an attack

    boolean has(MnistFile file) {
        return found(file) != null;
    }

    /** Returns the file under one of the names that it is known by, unpacked or gzipped; null where it is not there. */
    private @Nullable Path found(MnistFile file) {
        String dotted = file.fileName.replace("-idx", ".idx"); // as some archives unpack it
        return Stream.of(file.fileName, file.fileName + ".gz", dotted, dotted + ".gz")
                .map(path::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElse(null);
    }

    /**
     * Reads a file's raw IDX content.
     *
     * @throws UserError where it cannot be read, or is not the MNIST file it should be
     */
    byte[] read(MnistFile file) {
        Path source = Objects.requireNonNull(found(file));
        boolean isRaw = !source.toString().endsWith(".gz");
        byte[] content;
        try (InputStream in = Files.newInputStream(source);
                InputStream data = isRaw ? in : new GZIPInputStream(in)) {
            int limit = verified ? file.bytes : MOST_BYTES;
            content = data.readNBytes(limit);
            if (data.read() >= 0)
                throw new UserError(
                        source + " holds more than the expected " + limit + " bytes", remedy("use a smaller data set"));
        } catch (EOFException | ZipException e) {
            throw new UserError(source + " is damaged (" + e.getMessage() + ")", remedy("replace it"), e);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(source, remedy("check its permissions"), e);
        }
        if (verified && !file.isGenuine(content)) {
            throw new UserError(
                    source + " is not MNIST's file: its SHA-256 differs",
                    "delete it to have it fetched again, or pass --unverified-data to use your own data");
        }
        return content;
    }

    /** Returns what to do about a file: one of MNIST's can be fetched again, one's own cannot. */
    private String remedy(String own) {
        return verified ? "delete it to have it fetched again" : own;
    }

    /** Keeps a genuine file. */
    void store(MnistFile file, byte[] content) {
        AtomicFile.write(path.resolve(file.fileName), temporary -> Files.write(temporary, content));
    }
}
