package mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import libtorch.export.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs save: every format, each by itself. */
class FormatsTest implements UsesLibTorch {
    @TempDir
    Path folder;

    private CommandLineRun run() {
        return CommandLineRun.onSample("prob6", folder, "--only", "skip", "--epochs", "1", "--threads", "1");
    }

    @Test
    void everyFormatIsSavedAndTheRecordNamesThem() throws IOException {
        assertEquals("", run().err());
        List<String> named = new ArrayList<>();
        JsonArray formats = CommandLineRun.record(folder, "mnist-cae-skip").getAsJsonArray("formats");
        for (JsonElement format : formats) named.add("mnist-cae-skip." + format.getAsString());
        assertTrue(named.containsAll(List.of("mnist-cae-skip.pt", "mnist-cae-skip.pth", "mnist-cae-skip.onnx")));
        named.add("mnist-cae-skip.json");
        assertEquals(List.copyOf(new TreeSet<>(named)), CommandLineRun.names(folder.resolve("saved")));
    }

    @Test
    void weightsInEitherFormatAreMeasuredAlikeWithTheRecordsNoise() throws IOException {
        CommandLineRun.onSample("prob6", folder, "--only", "noisy", "--epochs", "1", "--threads", "1");
        String[] lines = new String[2];
        String[] suffixes = {".pth", ".safetensors"};
        for (int i = 0; i < 2; i++) {
            Path file = folder.resolve("saved/mnist_cae_noisy" + suffixes[i]);
            CommandLineRun eval = CommandLineRun.of("eval", file, "--data-dir", SAMPLE, "--unverified-data");
            assertEquals("", eval.err());
            lines[i] = eval.out().replace(suffixes[i], "");
        }
        assertEquals(lines[0], lines[1]);
        assertTrue(lines[0].contains("noise of standard deviation 0.3"), lines[0]);
        double recorded = CommandLineRun.record(folder, "mnist_cae_noisy")
                .getAsJsonObject("metrics")
                .get("testLoss")
                .getAsDouble();
        assertTrue(lines[0].contains(String.format("test loss %.6f", recorded)), lines[0]);
    }

    @Test
    void filesThatCannotBeWrittenStopNeitherTheOthersNorTheFigures() throws IOException {
        Path saved = folder.resolve("saved");
        for (String name : List.of("mnist-cae-skip.pth", "mnist-cae-skip.onnx")) {
            Files.createDirectories(saved.resolve(name).resolve("in the way"));
        }
        CommandLineRun run = run();
        assertEquals(1, run.status());
        assertTrue(
                run.err()
                        .matches("error: cannot write \\S+/mnist-cae-skip.pth \\([^)\\n]+\\), "
                                + "cannot write \\S+/mnist-cae-skip.onnx \\([^)\\n]+\\); "
                                + "check the folder's permissions and the free space on its disk\\n"),
                run.err());
        for (Format format : Format.SAVED) {
            assertTrue(Files.exists(format.file(saved, "mnist-cae-skip")), format.toString());
        }
        assertTrue(Files.exists(saved.resolve("mnist-cae-skip.json")));
        assertTrue(Files.exists(folder.resolve("figures/prob6-skip-embedding.png")));
        assertTrue(run.out().contains("train MSE"), run.out());
        assertArrayEquals(
                new String[0], saved.toFile().list((f, name) -> name.endsWith(".tmp")), "temporary files are left");
    }
}
