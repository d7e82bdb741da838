package mnist.prob4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Prob4Test implements UsesLibTorch {
    @Test
    void aRunLeavesEveryFileAndFollowsPythonLossByLoss(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.onSample("prob4", folder, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertEquals(List.of("mnist_cnn.json", "mnist_cnn.pt", "mnist_cnn.safetensors"), CommandLineRun.names(folder.resolve("saved")));
        assertEquals(List.of("prob4-confusion-matrix.png", "prob4-filters.png", "prob4-loss.png"), CommandLineRun.names(folder.resolve("figures")));
        CommandLineRun.assertPrintable(folder.resolve("figures"));

        JsonObject record = CommandLineRun.record(folder, "mnist_cnn");
        // Python (1.13 and 2.10) with the same seed, data and order of draws
        CommandLineRun.assertTrainLosses(record, 2.2947885163, 2.2770832443);
        assertEquals(0.5, record.getAsJsonObject("options").get("momentum").getAsDouble());
        JsonObject metrics = record.getAsJsonObject("metrics");
        long right = 0;
        long total = 0;
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                long count = metrics.getAsJsonArray("confusion").get(i).getAsJsonArray().get(j).getAsLong();
                total += count;
                if (i == j) right += count;
            }
        }
        assertEquals(200, total);
        assertEquals(right / 200.0, metrics.get("accuracy").getAsDouble());
        assertTrue(run.out().contains(String.format("test accuracy %.2f %%", right / 2.0)), run.out());
    }

    @Test
    void oneTestImageIsEnough(@TempDir Path folder) {
        CommandLineRun run = CommandLineRun.onSample("prob4", folder, "--epochs", "1", "--train-size", "10", "--test-size", "1");
        assertEquals(0, run.status(), run.err()); // nine classes are absent, and their precision is no number
    }
}
