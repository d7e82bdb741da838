package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mnist.system.CudaReport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaSetupTest {
    @TempDir
    private Path root;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void setUp() {
        environment.put("PATH", root + "/bin");
        environment.put("HOME", root + "/home");
    }

    @Test
    void librariesOfPythonPackagesAreFoundInTheOrderInWhichTheyCanBeLoaded() throws IOException {
        Path packages = root.resolve("site-packages");
        python("bin/python3", packages);
        installPackages(packages, "cu13");
        Map<String, Path> libraries = setup().libraries();
        assertEquals(CudaSetup.LIBRARIES, List.copyOf(libraries.keySet()));
        assertEquals(packages.resolve("nvidia/cudnn/lib/libcudnn.so.9"), libraries.get("libcudnn.so.9"));
        assertEquals(List.of(), setup().missing());
    }

    @Test
    void packagesForCuda12AreLeftAlone() throws IOException {
        Path packages = root.resolve("site-packages");
        python("bin/python3", packages);
        installPackages(packages, "cublas");
        assertEquals(Map.of(), setup().libraries());
    }

    @Test
    void theActiveVirtualEnvironmentIsSearched() throws IOException {
        Path packages = root.resolve("venv/lib/site-packages");
        environment.put("VIRTUAL_ENV", root + "/venv");
        python("venv/bin/python", packages);
        installPackages(packages, "cu13");
        assertEquals(List.of(), setup().missing());
    }

    @Test
    void librariesOfTheSystemAreFoundWithoutLdLibraryPath() throws IOException {
        Path toolkit = root.resolve("usr/local/cuda-13.0/lib64");
        Path other = root.resolve("usr/lib/x86_64-linux-gnu");
        StringBuilder cache = new StringBuilder("2 libs found in cache\n");
        for (String library : CudaSetup.LIBRARIES) {
            boolean separate = library.startsWith("libcudnn") || library.startsWith("libnccl");
            create((separate ? other : toolkit).resolve(library));
            if (separate) cache.append("\t" + library + " (libc6,x86-64) => " + other.resolve(library) + "\n");
        }
        program("sbin/ldconfig", "cat <<'END'\n" + cache + "END");
        assertEquals(List.of(), setup().missing());
        assertEquals(other.resolve("libnccl.so.2"), setup().libraries().get("libnccl.so.2"));
    }

    @Test
    void aPlaceThatHasAllLibrariesComesBeforeEarlierOnesThatHaveSome() throws IOException {
        Path some = root.resolve("some");
        create(some.resolve("libcudnn.so.9"));
        environment.put("LD_LIBRARY_PATH", "/nowhere::" + some);
        assertEquals(some.resolve("libcudnn.so.9"), setup().libraries().get("libcudnn.so.9"));
        Path packages = root.resolve("site-packages");
        python("bin/python3", packages);
        installPackages(packages, "cu13");
        assertEquals(
                packages.resolve("nvidia/cudnn/lib/libcudnn.so.9"),
                setup().libraries().get("libcudnn.so.9"));
    }

    @Test
    void fetchedLibrariesCountWhenAllHaveTheirSize() throws IOException {
        Path cache = root.resolve("home/.cache/mnist-libtorch/cuda-13");
        installPackages(cache, "cu13");
        assertEquals(CudaSetup.LIBRARIES, setup().missing(), "without the list of files");
        Files.writeString(cache.resolve("complete"), "0 nvidia/cu13/lib/libcudart.so.13\n");
        assertEquals(List.of(), setup().missing());
        Files.writeString(cache.resolve("nvidia/cu13/lib/libcudart.so.13"), "more");
        assertEquals(CudaSetup.LIBRARIES, setup().missing(), "with a file of another size");
    }

    @Test
    void whatIsMissingIsNamedWithTheWayToGetIt() throws IOException {
        nvidiaSmi("580.65.06", "9.0");
        Path packages = root.resolve("site-packages");
        python("bin/python3", packages);
        installPackages(packages, "cu13");
        assertEquals(Optional.empty(), CudaReport.problem(setup()));
        Files.delete(packages.resolve("nvidia/nccl/lib/libnccl.so.2"));
        assertEquals(
                "libraries in " + packages + "/nvidia/cu13/lib, " + packages
                        + "/nvidia/cudnn/lib, but not libnccl.so.2 (make cuda fetches all)",
                CudaReport.libraries(setup()));
        assertEquals(
                "There is a GPU, but not libnccl.so.2 (make cuda fetches CUDA's libraries; GPU=0 does not look for a GPU)",
                CudaReport.problem(setup()).orElseThrow());
    }

    @Test
    void ofManyMissingLibrariesTheFirstAreNamed() throws IOException {
        nvidiaSmi("580.65.06", "9.0");
        assertEquals(
                "There is a GPU, but not libcudart.so.13, libcupti.so.13, libnvrtc.so.13 and 15 more libraries of CUDA 13"
                        + " (make cuda fetches CUDA's libraries; GPU=0 does not look for a GPU)",
                CudaReport.problem(setup()).orElseThrow());
        assertEquals("no libraries (make cuda fetches them)", CudaReport.libraries(setup()));
    }

    @Test
    void aDriverThatIsMissingOrTooOldIsNamed() throws IOException {
        assertEquals("There is no NVIDIA driver (nvidia-smi is not found)", problem());
        nvidiaSmi("550.54.14", "9.0");
        assertEquals(
                "The NVIDIA driver 550.54.14 is too old for CUDA 13, which needs 580 or newer (install a newer driver)",
                problem());
        program("bin/nvidia-smi", "echo 'No devices were found'");
        assertEquals("The NVIDIA driver finds no GPU (nvidia-smi says: No devices were found)", problem());
        program("bin/nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9");
        assertEquals("The NVIDIA driver finds no GPU (nvidia-smi says: NVIDIA-SMI has failed)", problem());
    }

    @Test
    void aGpuThatIsTooOldIsNamed() throws IOException {
        nvidiaSmi("580.65.06", "7.0");
        assertEquals(
                "The GPU is too old for this libtorch: its compute capability is 7.0, and must be 7.5 or more",
                problem());
        nvidiaSmi("580.65.06", "12.0");
        assertEquals(Optional.empty(), setup().gpuProblem());
        nvidiaSmi("580.65.06", "[N/A]");
        assertEquals(Optional.empty(), setup().gpuProblem());
    }

    @Test
    void theMakefileIsAnsweredBeforeAnythingIsCompiled() throws IOException, InterruptedException {
        assertEquals("There is no NVIDIA driver (nvidia-smi is not found): computing on the CPU.\n", run("use"));
        nvidiaSmi("580.65.06", "9.0");
        Path packages = root.resolve("site-packages");
        environment.put("VIRTUAL_ENV", root + "/venv");
        python("venv/bin/python", packages);
        installPackages(packages, "cu13");
        assertEquals("1\n", run("use"));
        assertTrue(run("libraries").startsWith("CUDA's libraries are in "));
    }

    private String run(String argument) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin");
        String command = String.format( // as in the Makefile, which compiles it every time
                "test -d %2$s || %1$s/javac -d %2$s -sourcepath src/main/java src/main/java/mnist/system/CudaReport.java"
                        + " && %1$s/java -cp %2$s mnist.system.CudaReport %3$s",
                java, root.resolve("classes"), argument);
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command);
        builder.environment().keySet().removeAll(List.of("LD_LIBRARY_PATH", "XDG_CACHE_HOME", "CONDA_PREFIX"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private CudaSetup setup() {
        return new CudaSetup(environment, root);
    }

    private String problem() {
        return CudaReport.problem(setup()).orElseThrow();
    }

    private void nvidiaSmi(String driver, String computeCapability) throws IOException {
        program(
                "bin/nvidia-smi",
                "case $1 in *driver_version) echo " + driver + ";; *compute_cap) echo '" + computeCapability
                        + "';; esac");
    }

    private void python(String program, Path packages) throws IOException {
        program(program, "echo; echo " + packages);
    }

    private void program(String name, String script) throws IOException {
        Path file = root.resolve(name);
        create(file);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    /** @param toolkit the folder of all but cuDNN and NCCL */
    private static void installPackages(Path folder, String toolkit) throws IOException {
        for (String library : CudaSetup.LIBRARIES) {
            String component =
                    library.startsWith("libcudnn") ? "cudnn" : library.startsWith("libnccl") ? "nccl" : toolkit;
            create(folder.resolve("nvidia").resolve(component).resolve("lib").resolve(library));
        }
    }

    private static void create(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) Files.createFile(file);
    }
}
