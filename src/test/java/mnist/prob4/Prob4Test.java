package mnist.prob4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import libtorch.Tensors;
import libtorch.export.Safetensors;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Prob4Test implements UsesLibTorch {
    @Test
    void aRunLeavesEveryFileAndFollowsPythonLossByLoss(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.onSample("prob4", folder, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertEquals(CommandLineRun.filesOf("mnist_cnn"), CommandLineRun.names(folder.resolve("saved")));
        assertEquals(
                List.of("prob4-confusion-matrix.png", "prob4-filters.png", "prob4-loss.png", "prob4-responses.png"),
                CommandLineRun.names(folder.resolve("figures")));
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
                long count = metrics.getAsJsonArray("confusion")
                        .get(i)
                        .getAsJsonArray()
                        .get(j)
                        .getAsLong();
                total += count;
                if (i == j) right += count;
            }
        }
        assertEquals(200, total);
        assertEquals(right / 200.0, metrics.get("accuracy").getAsDouble());
        assertTrue(run.out().contains(String.format("test accuracy %.2f %%", right / 2.0)), run.out());
    }

    @Test
    void aTraceHoldsTheWeightsBeforeTrainingAndTheLossOfEveryStep(@TempDir Path folder) throws IOException {
        Path traces = folder.resolve("traces");
        CommandLineRun run =
                CommandLineRun.onSample("prob4", folder, "--epochs", "1", "--trace-dir", traces.toString(), "--double");
        assertEquals(0, run.status(), run.err());
        JsonObject trace = JsonParser.parseString(Files.readString(traces.resolve("mnist_cnn.json")))
                .getAsJsonObject();
        JsonArray losses = trace.getAsJsonArray("stepLosses").get(0).getAsJsonArray();
        assertEquals(10, losses.size()); // 600 images in batches of 64
        assertTrue(trace.get("doublePrecision").getAsBoolean());
        Cnn traced = new Cnn();
        Safetensors.load(traces.resolve("mnist_cnn.safetensors"), traced);
        torch.manual_seed(1);
        Cnn expected = new Cnn();
        assertArrayEquals(Tensors.floats(expected.linear2.weight()), Tensors.floats(traced.linear2.weight()));
        Tensor batch = torch.randperm(600).narrow(0, 0, 64); // the run's first
        ImageSet train = UsesLibTorch.sample().train();
        double loss = torch.nll_loss(
                        traced.forward(train.images(batch)), train.labels().index_select(0, batch))
                .item_double();
        assertEquals(loss, losses.get(0).getAsDouble(), 1e-6);
    }

    @Test
    void oneTestImageIsEnough(@TempDir Path folder) {
        CommandLineRun run =
                CommandLineRun.onSample("prob4", folder, "--epochs", "1", "--train-size", "10", "--test-size", "1");
        assertEquals(0, run.status(), run.err()); // nine classes are absent, and their precision is no number
    }
}
