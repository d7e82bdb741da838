package mnist.prob5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import libtorch.Tensors;
import libtorch.training.Evaluation;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import mnist.evaluation.Reconstructions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Prob5Test implements UsesLibTorch {
    @Test
    void whatIsDrawnIsWhatTheNetworkWasGivenAndWhatItMadeOfIt() {
        Autoencoder network = new Autoencoder();
        Evaluation evaluation =
                new Evaluation(network, UsesLibTorch.sample().test().reconstruction(), new Device("cpu"));
        Reconstructions shown = Reconstructions.of(evaluation.firstBatch(10), network::forward);
        Tensor images = UsesLibTorch.sample().test().images(0, 10);
        assertArrayEquals(Tensors.rows(images), shown.originals());
        assertArrayEquals(Tensors.rows(network.forward(images)), shown.outputs());
    }

    @Test
    void aRunLeavesEveryFileAndFollowsPythonLossByLoss(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.onSample("prob5", folder, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertEquals(CommandLineRun.filesOf("mnist_ae"), CommandLineRun.names(folder.resolve("saved")));
        assertEquals(
                List.of(
                        "prob5-corruption.png",
                        "prob5-embedding.png",
                        "prob5-latent-plane.png",
                        "prob5-loss.png",
                        "prob5-pca.png",
                        "prob5-reconstructions.png"),
                CommandLineRun.names(folder.resolve("figures")));
        CommandLineRun.assertPrintable(folder.resolve("figures"));

        JsonObject record = CommandLineRun.record(folder, "mnist_ae");
        // Python (1.13 and 2.10) with the same seed, data and order of draws
        CommandLineRun.assertTrainLosses(record, 0.2271515457, 0.2095049006);
        JsonObject linear = record.getAsJsonObject("metrics").getAsJsonObject("linear");
        assertTrue(
                linear.get("pcaTestLoss").getAsDouble() < linear.get("testLoss").getAsDouble()); // after 4 short epochs
    }
}
