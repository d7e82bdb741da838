package libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Files and folders that must not outlive the process, also where a signal ends it. */
public final class TemporaryFiles {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> PATHS.forEach(TemporaryFiles::deleteAll)));
    }

    private TemporaryFiles() {}

    /** Remembers a file or folder, which need not be there yet. */
    public static void add(Path path) {
        PATHS.add(path);
    }

    /**
     * Makes a folder that nobody else may enter.
     *
     * @throws LibTorchException where there is no folder for temporary files
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

    /** Deletes a file, or a folder with what is in it; one that is not there any more is forgotten. */
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
