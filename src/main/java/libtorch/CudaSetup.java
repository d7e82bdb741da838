package libtorch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what libtorch's CUDA build needs but does not contain: a GPU, a driver and NVIDIA's libraries. It depends on
 * the JDK alone, so that it can be compiled by itself.
 */
public final class CudaSetup {
    /** The oldest driver that CUDA 13 works with. */
    private static final int DRIVER = 580;

    /** The oldest GPUs that this libtorch has kernels for. */
    private static final double COMPUTE_CAPABILITY = 7.5;

    /** The libraries that libtorch is linked against, and those that they open by name, in loading order. */
    public static final List<String> LIBRARIES = List.of(
            "libcudart.so.13",
            "libcupti.so.13",
            "libnvrtc.so.13",
            "libnvJitLink.so.13",
            "libcublasLt.so.13",
            "libcublas.so.13",
            "libcusparse.so.12",
            "libcusolver.so.12",
            "libcusolverMg.so.12",
            "libcufft.so.12",
            "libcurand.so.10",
            "libcufile.so.0",
            "libnccl.so.2",
            "libcudnn.so.9",
            "libcudnn_graph.so.9",
            "libcudnn_ops.so.9",
            "libcudnn_cnn.so.9",
            "libcudnn_adv.so.9");

    private final Map<String, String> environment;
    private final Path root;
    private Optional<Map<String, Path>> libraries = Optional.empty(); // until they are searched for

    public CudaSetup() {
        this(System.getenv(), Path.of("/"));
    }

    /**
     * @param environment the variables PATH, LD_LIBRARY_PATH, HOME, XDG_CACHE_HOME, VIRTUAL_ENV and CONDA_PREFIX
     * @param root the root of the file system, or the folder that replaces it in a test
     */
    public CudaSetup(Map<String, String> environment, Path root) {
        this.environment = environment;
        this.root = root;
    }

    /** Returns why no GPU can be used; empty if one can. */
    public Optional<String> gpuProblem() {
        if (onPath("nvidia-smi").isEmpty()) return Optional.of("There is no NVIDIA driver (nvidia-smi is not found)");
        Output drivers = query("driver_version");
        String driver = drivers.lines.isEmpty() ? "nothing" : drivers.lines.get(0);
        if (drivers.status != 0 || number(driver) == 0)
            return Optional.of("The NVIDIA driver finds no GPU (nvidia-smi says: " + driver + ")");
        if (number(driver) < DRIVER)
            return Optional.of("The NVIDIA driver " + driver + " is too old for CUDA 13, which needs " + DRIVER
                    + " or newer (install a newer driver)");
        List<String> capabilities = query("compute_cap").lines;
        if (capabilities.isEmpty()
                || capabilities.stream().anyMatch(c -> number(c) == 0 || number(c) >= COMPUTE_CAPABILITY))
            return Optional.empty();
        return Optional.of("The GPU is too old for this libtorch: its compute capability is " + capabilities.get(0)
                + ", and must be " + COMPUTE_CAPABILITY + " or more");
    }

    /** Describes each GPU: its name, driver and compute capability. Empty if there is none. */
    public List<String> gpus() {
        return query("name,driver_version,compute_cap").lines.stream()
                .map(line -> line.split(" *, *"))
                .filter(gpu -> gpu.length == 3)
                .map(gpu -> gpu[0] + ", driver " + gpu[1] + ", compute capability " + gpu[2])
                .toList();
    }

    private Output query(String fields) {
        return onPath("nvidia-smi")
                .map(program -> run(program.toString(), "--query-gpu=" + fields, "--format=csv,noheader"))
                .orElse(Output.NONE);
    }

    /** Returns the leading number of a version; 0 if there is none. */
    private static double number(String version) {
        String digits = version.strip().replaceFirst("^(\\d*(\\.\\d+)?).*", "$1");
        return digits.isEmpty() ? 0 : Double.parseDouble(digits);
    }

    /** Returns the libraries that were not found. */
    public List<String> missing() {
        Map<String, Path> found = libraries();
        return LIBRARIES.stream()
                .filter(library -> !found.containsKey(library) && !isOnClassPath(library))
                .toList();
    }

    /** Names the libraries that were not found: at most three, and the number of the others. */
    public String missingNames() {
        List<String> missing = missing();
        if (missing.size() <= 3) return String.join(", ", missing);
        return String.join(", ", missing.subList(0, 3)) + " and " + (missing.size() - 3) + " more libraries of CUDA 13";
    }

    /** Returns whether a library is on the class path, as with the profile gpu-redist; JavaCPP then loads it. */
    private static boolean isOnClassPath(String library) {
        return CudaSetup.class.getResource("/org/bytedeco/cuda/linux-x86_64/" + library) != null;
    }

    /** Returns the folders of the libraries, separated by commas. */
    public String folders() {
        String folders = libraries().values().stream()
                .map(file -> String.valueOf(file.getParent()))
                .distinct()
                .collect(Collectors.joining(", "));
        return folders.isEmpty() ? "the class path" : folders;
    }

    /**
     * Loads the libraries that were found. libtorch's files, opened later, then need no search: the dynamic linker
     * reuses a loaded library of the same name.
     *
     * @throws UnsatisfiedLinkError if one cannot be loaded
     */
    void load() {
        libraries().values().forEach(file -> System.load(file.toAbsolutePath().toString()));
    }

    /**
     * Returns the paths of the libraries, in loading order. All come from one place if one has all of them, since
     * libraries of different releases may be incompatible.
     */
    synchronized Map<String, Path> libraries() {
        if (libraries.isEmpty()) libraries = Optional.of(find());
        return libraries.get();
    }

    private Map<String, Path> find() {
        List<Path> searched = new ArrayList<>();
        for (Supplier<List<Path>> place : places()) {
            List<Path> folders = place.get();
            Map<String, Path> here = find(folders);
            if (here.size() == LIBRARIES.size()) return here;
            searched.addAll(folders);
        }
        return find(searched);
    }

    private static Map<String, Path> find(List<Path> folders) {
        Map<String, Path> found = new LinkedHashMap<>();
        for (String library : LIBRARIES) {
            folders.stream()
                    .map(folder -> folder.resolve(library))
                    .filter(Files::exists)
                    .findFirst()
                    .ifPresent(file -> found.put(library, file));
        }
        return found;
    }

    /** Returns suppliers of the folders to search, in order of preference. */
    private List<Supplier<List<Path>>> places() {
        return List.of(
                () -> folders("LD_LIBRARY_PATH").toList(),
                () -> isComplete(cache()) ? packages(cache()) : List.of(),
                this::system,
                () -> inside("CONDA_PREFIX", "lib").stream().toList(),
                () -> pythonFolders()
                        .flatMap(folder -> packages(folder).stream())
                        .toList());
    }

    /** Returns the folders of the dynamic linker, and of CUDA's installer. */
    private List<Path> system() {
        return Stream.concat(
                        linkerCache(),
                        list(root.resolve("usr/local"), "cuda*").stream()
                                .flatMap(cuda ->
                                        Stream.of(cuda.resolve("lib64"), cuda.resolve("targets/x86_64-linux/lib"))))
                .toList();
    }

    /** Returns the folder that make cuda downloads the libraries to. */
    private Path cache() {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return (cache.isEmpty() ? Path.of(home, ".cache") : Path.of(cache)).resolve("mnist-libtorch/cuda-13");
    }

    /** Returns whether every library has the size that make cuda recorded when all were downloaded. */
    private static boolean isComplete(Path cache) {
        try {
            for (String line : Files.readAllLines(cache.resolve("complete"))) {
                String[] sizeAndName = line.split(" ", 2);
                if (Files.size(cache.resolve(sizeAndName[1])) != Long.parseLong(sizeAndName[0])) return false;
            }
            return true;
        } catch (IOException | RuntimeException absentOrDamaged) {
            return false;
        }
    }

    /**
     * Returns the library folders of NVIDIA's packages in a folder of Python packages. Packages for CUDA 12 are
     * skipped: their cuDNN and NCCL have the same file names.
     */
    private static List<Path> packages(Path folder) {
        Path nvidia = folder.resolve("nvidia");
        if (!Files.isDirectory(nvidia.resolve("cu13"))) return List.of();
        return list(nvidia, "*").stream()
                .map(component -> component.resolve("lib"))
                .filter(Files::isDirectory)
                .toList();
    }

    /** Returns the package folders (sys.path) of the installed Pythons. */
    private Stream<Path> pythonFolders() {
        Stream<Optional<Path>> pythons = Stream.of(
                inside("VIRTUAL_ENV", "bin/python"),
                inside("CONDA_PREFIX", "bin/python"),
                onPath("python3"),
                Optional.of(root.resolve("usr/bin/python3")));
        return pythons.flatMap(Optional::stream)
                .filter(Files::isExecutable)
                .flatMap(python ->
                        run(python.toString(), "-c", "import sys; print(*sys.path, sep='\\n')").lines.stream())
                .filter(line -> line.startsWith("/"))
                .map(Path::of)
                .distinct();
    }

    private Optional<Path> inside(String variable, String file) {
        return Optional.ofNullable(environment.get(variable)).map(folder -> Path.of(folder, file));
    }

    /** Returns the folders in which the dynamic linker finds one of the libraries. */
    private Stream<Path> linkerCache() {
        return run(root.resolve("sbin/ldconfig").toString(), "-p").lines.stream()
                .filter(line -> line.contains("x86-64") && line.contains(" => "))
                .filter(line -> LIBRARIES.contains(line.strip().split(" ")[0]))
                .map(line -> Path.of(line.substring(line.indexOf(" => ") + 4)).getParent())
                .distinct();
    }

    private Optional<Path> onPath(String program) {
        return folders("PATH")
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Returns the folders listed in an environment variable. */
    private Stream<Path> folders(String variable) {
        return Stream.of(environment.getOrDefault(variable, "").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of);
    }

    private static List<Path> list(Path folder, String glob) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(entries::add);
        } catch (IOException absent) {
            return List.of();
        }
        entries.sort(null);
        return entries;
    }

    /** Exit status and output of a program; a status other than 0 if it could not be run or hung. */
    private record Output(int status, List<String> lines) {
        static final Output NONE = new Output(1, List.of());
    }

    private static Output run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            CompletableFuture.delayedExecutor(20, TimeUnit.SECONDS).execute(process::destroyForcibly); // if it hangs
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(
                    process.waitFor(),
                    text.lines().filter(line -> !line.isBlank()).toList());
        } catch (IOException cannotBeRun) {
            return Output.NONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Output.NONE;
        }
    }
}
