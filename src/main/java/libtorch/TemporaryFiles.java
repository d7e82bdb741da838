package libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Deletes temporary files and folders when the process ends, also by a signal. */
public final class TemporaryFiles {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> PATHS.forEach(TemporaryFiles::deleteAll)));
    }

    private TemporaryFiles() {}

    /** Registers a file or folder, which need not exist yet, for deletion. */
    public static void add(Path path) {
        PATHS.add(path);
    }

    /**
     * Creates a folder that only this user may access.
     *
     * @throws LibTorchException if there is no folder for temporary files
     */
    public static Path createFolder(String prefix) {
        try {
            Path folder = Files.createTempDirectory(prefix); // rwx------
            add(folder);
            return folder;
        } catch (IOException e) {
            throw new LibTorchException(
                    "no temporary folder can be made (" + AtomicFile.reason(e) + ")",
                    "name another with -Djava.io.tmpdir",
                    e);
        }
    }

    /** Deletes a file, or a folder with its content, if it still exists. */
    public static void delete(Path path) {
        deleteAll(path);
        PATHS.remove(path);
    }

    private static void deleteAll(Path path) {
        if (!Files.exists(path)) return;
        try (Stream<Path> paths = Files.walk(path)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // another process deletes it too
        }
    }
}
