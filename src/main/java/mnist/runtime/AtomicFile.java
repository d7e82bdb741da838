package mnist.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Replaces files so that a reader, a crash or a full disk meets the old content or the new, never a half. */
public final class AtomicFile {
    private AtomicFile() {}

    /** Fills the file at {@code path}, and throws where its content must not replace the old one. */
    public interface Content {
        void writeTo(Path path) throws IOException;
    }

    /**
     * Writes a temporary file beside the target, forces it to the disk and renames it over the target.
     *
     * @throws UserError where the folder cannot be written or the disk is full; the target is then as it was
     */
    public static void write(Path target, Content content) {
        write(target, target.toString(), content);
    }

    private static void write(Path target, String described, Content content) {
        Path folder = target.toAbsolutePath().getParent();
        Path temporary = folder.resolve(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            Files.createDirectories(folder);
            content.writeTo(temporary);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserError(
                    "cannot write " + described + " (" + reason(e) + ")",
                    "check the folder's permissions and the free space on its disk",
                    e);
        } finally {
            temporary.toFile().delete(); // there only if something failed
        }
    }

    /**
     * Makes sure that a disk has room, before libtorch writes there: where it runs out of it, libtorch ends the process.
     *
     * @throws IOException where it has not
     */
    public static void requireSpace(Path file, long bytes) throws IOException {
        if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() < bytes) {
            throw new IOException("no space left: " + (bytes + 1023) / 1024 + " kB are needed");
        }
    }

    /**
     * Makes sure that files can be written to a folder, before hours of work end in one that cannot; and clears away what
     * killed processes left half-written there.
     *
     * @throws UserError where they cannot
     */
    public static void requireWritable(Path folder) {
        Path probe = folder.resolve(".probe." + ProcessHandle.current().pid());
        write(probe, "to " + folder, temporary -> Files.write(temporary, new byte[0]));
        probe.toFile().delete();
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ".*.tmp")) {
            for (Path leftover : leftovers) {
                String[] parts = leftover.getFileName().toString().split("\\.");
                if (parts[parts.length - 2].matches("[0-9]{1,18}")
                        && ProcessHandle.of(Long.parseLong(parts[parts.length - 2]))
                                .isEmpty()) Files.deleteIfExists(leftover);
            }
        } catch (IOException e) {
            throw new UserError("cannot clear " + folder + " (" + reason(e) + ")", "check the folder's permissions", e);
        }
    }

    /** Says what an I/O error was, in words: the exceptions of java.nio.file carry only a path in their message. */
    public static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) return "permission denied";
        if (e instanceof java.nio.file.NoSuchFileException) return "no such file or folder";
        if (e instanceof java.nio.file.FileAlreadyExistsException) return "a file is in the way of a folder";
        if (e instanceof java.nio.file.FileSystemException f && f.getReason() != null) return f.getReason();
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
