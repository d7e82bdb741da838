package libtorch.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDeviceTest implements UsesLibTorch {
    @TempDir
    private Path folder;

    @Test
    void aCheckpointOfAnotherKindOfDeviceIsRefused() throws IOException {
        assertEquals(0, run("--epochs", "1").status());
        Path file = folder.resolve("saved/mnist_cae_noisy.checkpoint");
        replace(file, "\"device\":\"cpu\"", "\"device\":\"gpu\""); // a text of the same length
        CommandLineRun run = run("--epochs", "2", "--resume");
        assertEquals(1, run.status());
        assertEquals(
                "error: " + file + " is of a run with device gpu, which draws other noise than cpu"
                        + "; repeat its options, or leave out --resume to start anew\n",
                run.err());
    }

    private CommandLineRun run(String... options) {
        String[] noisy = {"--only", "noisy"};
        return CommandLineRun.onSample(
                "prob6", folder, Stream.of(noisy, options).flatMap(Stream::of).toArray(String[]::new));
    }

    /** Replaces a text in the archive's pickle. */
    private static void replace(Path archive, String from, String to) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(archive);
                Stream<Path> files = Files.walk(zip.getPath("/"))) {
            Path pickle =
                    files.filter(file -> file.endsWith("data.pkl")).findFirst().orElseThrow();
            String content = Files.readString(pickle, StandardCharsets.ISO_8859_1);
            assertTrue(content.contains(from));
            Files.writeString(pickle, content.replace(from, to), StandardCharsets.ISO_8859_1);
        }
    }
}
