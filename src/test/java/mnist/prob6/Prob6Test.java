package mnist.prob6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command on the sample, as a user would. */
class Prob6Test implements UsesLibTorch {
    @TempDir
    static Path folder;

    private static CommandLineRun run(Path folder, String... options) {
        return CommandLineRun.of("prob6", options, "--data-dir", SAMPLE, "--unverified-data",
                "--saved-dir", folder.resolve("saved"), "--figures-dir", folder.resolve("figures"));
    }

    private static JsonObject record(String name) throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("saved").resolve(name + ".json"))).getAsJsonObject();
    }

    private static List<Double> losses(JsonObject record) {
        return record.getAsJsonArray("epochs").asList().stream().map(e -> e.getAsJsonObject().get("trainLoss").getAsDouble()).toList();
    }

    @Test
    void aRunLeavesEveryFileAndFollowsPythonLossByLoss() throws IOException {
        CommandLineRun run = run(folder, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertEquals(List.of(
                "mnist-cae-skip-noisy.json", "mnist-cae-skip-noisy.pt", "mnist-cae-skip-noisy.safetensors",
                "mnist-cae-skip.json", "mnist-cae-skip.pt", "mnist-cae-skip.safetensors",
                "mnist_cae.json", "mnist_cae.pt", "mnist_cae.safetensors",
                "mnist_cae_noisy.json", "mnist_cae_noisy.pt", "mnist_cae_noisy.safetensors"), names("saved"));
        assertEquals(List.of("prob6-comparison.png", "prob6-losses.png", "prob6-noisy-embedding.png", "prob6-noisy-reconstructions.png",
                "prob6-plain-embedding.png", "prob6-plain-reconstructions.png", "prob6-skip-embedding.png",
                "prob6-skip-noisy-embedding.png", "prob6-skip-noisy-reconstructions.png", "prob6-skip-reconstructions.png"), names("figures"));
        for (String figure : names("figures")) {
            assertTrue(ImageIO.read(folder.resolve("figures").resolve(figure).toFile()).getWidth() >= 1600, figure);
        }

        // Python (1.13 and 2.10) with the same seed, data and order of draws; 600 images are 4 batches of 128 and one of 88.
        assertClose(List.of(0.256832275, 0.250388163), losses(record("mnist_cae")));
        assertClose(List.of(0.256766719, 0.249649839), losses(record("mnist_cae_noisy")));

        JsonObject noisy = record("mnist_cae_noisy");
        assertEquals("mnist_cae_noisy", noisy.get("model").getAsString());
        assertEquals(0.3, noisy.getAsJsonObject("options").get("noise").getAsDouble());
        assertEquals(0, record("mnist_cae").getAsJsonObject("options").get("noise").getAsDouble());
        assertEquals(1, noisy.getAsJsonObject("options").get("seed").getAsLong());
        assertEquals(0.09, noisy.getAsJsonObject("metrics").get("inputLoss").getAsDouble(), 0.001); // 0.3 squared
        assertEquals(0, record("mnist_cae").getAsJsonObject("metrics").get("inputLoss").getAsDouble());
        assertEquals("cpu", noisy.get("device").getAsString());
        for (String variant : List.of("plain", "skip", "noisy", "skip-noisy")) {
            assertTrue(run.out().lines().anyMatch(line -> line.matches(variant + " .*0\\.\\d+.*%.*")), "no row for " + variant);
        }
    }

    @Test
    void onlyTheVariantsAskedForAreTrained(@TempDir Path other) throws IOException {
        CommandLineRun run = run(other, "--epochs", "1", "--only", "skip-noisy", "--train-size", "100", "--test-size", "50");
        assertEquals(0, run.status(), run.err());
        assertEquals(3, Files.list(other.resolve("saved")).count());
        assertTrue(Files.exists(other.resolve("saved/mnist-cae-skip-noisy.pt")));
    }

    private static List<String> names(String where) {
        return List.copyOf(new TreeSet<>(Arrays.asList(folder.resolve(where).toFile().list())));
    }

    private static void assertClose(List<Double> expected, List<Double> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) assertEquals(expected.get(i), actual.get(i), 2e-6 * expected.get(i));
    }
}
