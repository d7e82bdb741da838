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

/** A lock that keeps two runs from writing to one folder; the system releases it even if the process is killed. */
public final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks an existing folder, and deletes temporary files of killed runs.
     *
     * @throws UserError if another run has locked it
     */
    public static FolderLock of(Path folder) {
        Path file = folder.resolve(".lock");
        try {
            boolean isNew = !Files.exists(file);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isNew) letOthersWrite(file);
            if (!tryLock(channel)) {
                channel.close();
                String process = Files.readString(file).strip(); // empty if it has just taken the lock
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

    /** Makes the lock file writable for other users who can write to the folder. */
    private static void letOthersWrite(Path file) {
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        } catch (IOException | UnsupportedOperationException noSuchPermissions) {
            // then the default permissions remain
        }
    }

    /** Returns whether a folder's lock is free, or held by this process, the leader of the same run. */
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
