package libtorch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/** Replaces files atomically: also after a crash or on a full disk, a file has its old content or all of the new. */
public final class AtomicFile {
    private static final String SUFFIX = ".tmp";
    private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f-]{36}\\.tmp");

    private AtomicFile() {}

    /** Writes the file at {@code path}; throws if its content must not replace the old one. */
    public interface Content {
        void writeTo(Path path) throws IOException;
    }

    /**
     * Writes a file of the same name in a temporary folder beside the target, forces it to the disk and moves it over
     * the target.
     *
     * @throws LibTorchException if the folder cannot be written or the disk is full; the target is then unchanged
     */
    public static void write(Path target, Content content) {
        write(target, target.toString(), content);
    }

    private static void write(Path target, String described, Content content) {
        Path temporary = null;
        try {
            Path real = Files.isSymbolicLink(target) ? target.toRealPath() : target.toAbsolutePath();
            Files.createDirectories(real.getParent());
            temporary = real.resolveSibling("." + real.getFileName() + "." + UUID.randomUUID() + SUFFIX);
            TemporaryFiles.add(temporary);
            Path file = Files.createDirectory(temporary).resolve(real.getFileName()); // libtorch stores this name
            content.writeTo(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(file, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new LibTorchException(
                    "cannot write " + described + " (" + reason(e) + ")",
                    "check the folder's permissions and the free space on its disk",
                    e);
        } finally {
            if (temporary != null) TemporaryFiles.delete(temporary);
        }
    }

    /**
     * Checks that a file of this size can be written, by writing zeros: libtorch aborts the process if a disk is full,
     * a quota is used up or files may not be so large, and the free space does not show all of these.
     *
     * @throws IOException if it cannot
     */
    public static void requireSpace(Path file, long bytes) throws IOException {
        byte[] zeros = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= zeros.length)
                out.write(zeros, 0, (int) Math.min(left, zeros.length));
        } catch (IOException e) {
            throw new IOException(reason(e) + ": " + (bytes + 1023) / 1024 + " kB are needed", e);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Checks, before hours of work, that files can be written to a folder.
     *
     * @throws LibTorchException if they cannot
     */
    public static void requireWritable(Path folder) {
        Path probe = folder.resolve(".probe." + UUID.randomUUID());
        write(probe, "to " + folder, temporary -> Files.write(temporary, new byte[0]));
        probe.toFile().delete();
    }

    /**
     * Deletes the temporary files that killed processes left in a folder.
     *
     * @param age least time since a file was changed; zero if no other process writes to the folder
     */
    public static void clear(Path folder, Duration age) {
        FileTime latest = FileTime.from(Instant.now().minus(age));
        try (DirectoryStream<Path> temporaries = Files.newDirectoryStream(folder, ".*" + SUFFIX)) {
            for (Path temporary : temporaries) {
                String name = temporary.getFileName().toString();
                if (TEMPORARY.matcher(name).matches() && isOlder(temporary, latest)) TemporaryFiles.delete(temporary);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new LibTorchException(
                    "cannot clear " + folder + " (" + e.getMessage() + ")", "check the folder's permissions", e);
        }
    }

    private static boolean isOlder(Path file, FileTime latest) throws IOException {
        try {
            return Files.getLastModifiedTime(file).compareTo(latest) <= 0;
        } catch (java.nio.file.NoSuchFileException deletedByItsOwnProcess) {
            return false;
        }
    }

    /** Returns the exception for a file that cannot be read. */
    public static LibTorchException cannotRead(Path file, String remedy, IOException e) {
        return new LibTorchException("cannot read " + file + " (" + reason(e) + ")", remedy, e);
    }

    /** Describes an I/O error: the exceptions of java.nio.file carry only a path in their message. */
    public static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) return "permission denied";
        if (e instanceof java.nio.file.NoSuchFileException) return "no such file or folder";
        if (e instanceof java.nio.file.FileAlreadyExistsException) return "a file is in the way of a folder";
        if (e instanceof java.nio.file.FileSystemException f && f.getReason() != null) return f.getReason();
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
