package mnist.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Loader;

/**
 * Looks for NVIDIA's libraries, which libtorch's CUDA build needs and does not bring. Where one is missing, loading
 * would end in a search for another libtorch, and may find and crash on one that is installed system-wide.
 */
final class CudaLibraries {
    private static final List<String> NEEDED = List.of(
            "libcudart.so.13",
            "libcublas.so.13",
            "libcublasLt.so.13",
            "libcudnn.so.9",
            "libcusparse.so.12",
            "libcusolver.so.12",
            "libcufft.so.12",
            "libcurand.so.10",
            "libcufile.so.0",
            "libcupti.so.13",
            "libnccl.so.2");

    private CudaLibraries() {}

    /** Returns the libraries that neither the class path, LD_LIBRARY_PATH nor the linker's cache has. */
    static List<String> missing() {
        String cache = linkerCache();
        String path = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        return missing(
                path,
                library -> cache.contains(library)
                        || CudaLibraries.class.getResource("/org/bytedeco/cuda/" + Loader.getPlatform() + "/" + library)
                                != null);
    }

    /**
     * Returns the libraries that are not found.
     *
     * @param path folders, separated by colons
     * @param elsewhere whether a library is found in another place
     */
    static List<String> missing(String path, Predicate<String> elsewhere) {
        return NEEDED.stream()
                .filter(library -> !elsewhere.test(library))
                .filter(library -> List.of(path.split(":")).stream()
                        .noneMatch(folder -> !folder.isEmpty() && Files.exists(Path.of(folder, library))))
                .toList();
    }

    private static String linkerCache() {
        try {
            Process ldconfig = new ProcessBuilder("/sbin/ldconfig", "-p")
                    .redirectErrorStream(true)
                    .start();
            return new String(ldconfig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException noLdconfig) {
            return "";
        }
    }
}
