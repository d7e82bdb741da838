package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on machines where something is not as it should be. */
class EnvironmentTest implements UsesLibTorch {
    private static final String[] SHORT = {
        "--only", "plain", "--epochs", "1", "--train-size", "100", "--test-size", "50"
    };

    @TempDir
    private Path folder;

    private static String doctor(int status, Map<String, String> environment, String... jvm) throws Exception {
        try (ProcessRun run = ProcessRun.of(List.of(), environment, List.of(jvm), "doctor")) {
            assertEquals(status, run.status(), run.output());
            return run.output();
        }
    }

    @Test
    void onlyALiveWindowNeedsADisplay() throws Exception {
        Map<String, String> dead = Map.of("DISPLAY", ":77");
        assertTrue(doctor(0, dead).contains("Fonts:    found"));
        try (ProcessRun run = ProcessRun.onSample(dead, List.of(), "prob6", folder, "--live")) {
            assertEquals(1, run.status());
            assertTrue(
                    run.output()
                            .matches(
                                    "error: no window can be opened \\([^\\n]*:77[^\\n]*\\); check the display[^\\n]*\\n"),
                    run.output());
        }
    }

    @Test
    void figuresNeedNoTemporaryFolderAndLimitedFilesDoNotStopTheOthers() throws Exception {
        // of 512 bytes or 1 kB: less than a .pt file has, more than the weights
        List<String> limited = List.of("sh", "-c", "ulimit -f 150; exec \"$@\"", "sh");
        List<String> command = List.of("-Djava.io.tmpdir=/nonexistent");
        String[] options = Stream.concat(
                        Stream.of("prob6", "--data-dir", SAMPLE.toString(), "--unverified-data"), Stream.of(SHORT))
                .toArray(String[]::new);
        String[] folders = {"--saved-dir", folder + "/saved", "--figures-dir", folder + "/figures"};
        String[] all = Stream.of(options, folders).flatMap(Stream::of).toArray(String[]::new);
        try (ProcessRun run = ProcessRun.of(List.of(), Map.of(), command, all)) {
            assertEquals(0, run.status(), run.output());
        }
        assertTrue(Files.exists(folder.resolve("figures/prob6-plain-embedding.png")));
        Path saved = folder.resolve("saved");
        Files.delete(saved.resolve("mnist_cae.safetensors"));
        String[] resumed = Stream.concat(Stream.of(all), Stream.of("--resume")).toArray(String[]::new);
        try (ProcessRun run = ProcessRun.of(limited, Map.of(), List.of(), resumed)) {
            assertEquals(1, run.status(), run.output());
            assertTrue(run.output().contains("error: cannot write " + saved.resolve("mnist_cae.pt ")), run.output());
        }
        assertTrue(Files.exists(saved.resolve("mnist_cae.safetensors")), "what fits is saved");
    }

    @Test
    void anotherLibtorchInTheLibraryPathIsNotLoaded() throws Exception {
        File[] natives = Loader.cacheResources("/org/bytedeco/pytorch/" + Loader.getPlatform() + "/");
        Path some = natives[0].toPath().resolve("libgomp.so.1");
        assumeTrue(Files.exists(some), "it is Linux that has LD_LIBRARY_PATH");
        for (String name : List.of("libc10.so", "libtorch_cpu.so", "libtorch.so", "libc10_cuda.so", "libtorch_cuda.so"))
            Files.copy(some, folder.resolve(name)); // a library without any of their functions
        doctor(0, Map.of("LD_LIBRARY_PATH", folder.toString()));
    }

    @Test
    void whereNativesCannotBeUnpackedTheErrorNamesTheRemedy() throws Exception {
        String output = doctor(
                1,
                Map.of(),
                "-Dorg.bytedeco.javacpp.cachedir=/proc/none",
                "-Duser.home=/proc/none",
                "-Djava.io.tmpdir=/proc/none");
        assertTrue(output.contains("or name another folder with -Dorg.bytedeco.javacpp.cachedir=DIR\n"), output);
    }

    @Test
    void dataOfOnesOwnInAFolderOfAnotherNameIsTheSameData() throws Exception {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (Stream<Path> files = Files.list(SAMPLE)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace("-idx", ".idx"); // as some archives name them
                Files.copy(file, copy.resolve(name));
            }
        }
        assertEquals(0, CommandLineRun.onSample("prob6", folder, SHORT).status());
        String[] again = {"--resume", "--epochs", "2", "--data-dir", copy.toString()};
        CommandLineRun run = CommandLineRun.onSample(
                "prob6", folder, Stream.of(SHORT, again).flatMap(Stream::of).toArray(String[]::new));
        assertTrue(run.out().contains("resuming after epoch 1"), run.out() + run.err());
    }
}
