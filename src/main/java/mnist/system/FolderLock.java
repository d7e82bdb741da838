package mnist.system;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import libtorch.AtomicFile;

/** Keeps two runs from writing to one folder at once; the system lets go of it even where a process is killed. */
public final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes a folder that is there, and clears away what killed runs left.
     *
     * @throws UserError where another run has it
     */
    public static FolderLock of(Path folder) {
        Path file = folder.resolve(".lock");
        try {
            boolean isNew = !Files.exists(file);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isNew) letOthersWrite(file);
            if (!tryLock(channel)) {
                channel.close();
                String process = Files.readString(file).strip(); // empty where it has just taken the lock
                throw new UserError(
                        "another run" + (process.isEmpty() ? "" : ", process " + process + ",") + " writes to "
                                + folder,
                        "wait for it, or name another --saved-dir");
            }
            channel.truncate(0)
                    .write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)));
            AtomicFile.clear(folder, Duration.ZERO);
            return new FolderLock(channel);
        } catch (IOException e) {
            throw new UserError(
                    "cannot lock " + file + " (" + AtomicFile.reason(e) + ")",
                    "check the folder's permissions, or name another --saved-dir, on a disk that has locks",
                    e);
        }
    }

    /** Lets other users take the lock too, where the folder is theirs as well. */
    private static void letOthersWrite(Path file) {
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        } catch (IOException | UnsupportedOperationException noSuchPermissions) {
            // then the folder's own have to do
        }
    }

    /** Returns whether a folder is nobody's, or that of a process, so that another of the same run may write there. */
    public static boolean isFreeOrOf(Path folder, long process) {
        Path file = folder.resolve(".lock");
        if (!Files.exists(file)) return true;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return Files.readString(file).strip().equals(Long.toString(process)) || tryLock(channel);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException thisProcessHasIt) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
