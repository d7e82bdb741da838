package mnist.prob6;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.training.Evaluation;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.Reconstructions;
import mnist.study.Ablations;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Prob6Test implements UsesLibTorch {
    @Test
    void whatIsDrawnIsWhatTheNetworkWasGivenAndWhatItMadeOfIt() {
        ConvAutoencoder network = new ConvAutoencoder(true);
        Evaluation evaluation =
                new Evaluation(network, UsesLibTorch.sample().test().denoising(0.3), new Device("cpu"));
        torch.manual_seed(1);
        Reconstructions shown = Reconstructions.of(evaluation.firstBatch(10), network::forward);
        torch.manual_seed(1);
        Batch batch = evaluation.firstBatch(10);
        assertArrayEquals(Tensors.rows(batch.targets()), shown.originals());
        assertArrayEquals(Tensors.rows(batch.inputs()), shown.inputs());
        assertArrayEquals(Tensors.rows(network.forward(batch.inputs())), shown.outputs());
    }

    @Test
    void imagesArePickedByTheirNumbersWithTheirOwnNoise() {
        ImageSet test = UsesLibTorch.sample().test();
        Evaluation evaluation = new Evaluation(null, test.denoising(test.noise(0.3, 1)), new Device("cpu"));
        Batch picked = evaluation.batchOf(7, 2);
        Batch first = evaluation.firstBatch(10);
        for (int i = 0; i < 2; i++) {
            int number = i == 0 ? 7 : 2;
            assertArrayEquals(Tensors.rows(first.inputs())[number], Tensors.rows(picked.inputs())[i]);
            assertArrayEquals(Tensors.rows(first.targets())[number], Tensors.rows(picked.targets())[i]);
        }
    }

    @Test
    void theErrorOfAnImageIsTheMeanOfItsPixels() {
        Tensor images = Tensors.of(new float[] {1, 0, 0, 0.5f}, 2, 1, 1, 2);
        Tensor targets = Tensors.of(new float[] {0, 0, 0, 0}, 2, 1, 1, 2);
        assertArrayEquals(new float[] {0.5f, 0.125f}, Tensors.floats(ImageErrors.each(images, targets)));
    }

    @Test
    void aRunLeavesEveryFileAndFollowsPythonLossByLoss(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.onSample("prob6", folder, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertEquals(
                CommandLineRun.filesOf("mnist-cae-skip-noisy", "mnist-cae-skip", "mnist_cae", "mnist_cae_noisy"),
                CommandLineRun.names(folder.resolve("saved")));
        assertEquals(
                List.of(
                        "prob6-comparison.png",
                        "prob6-losses.png",
                        "prob6-noise.png",
                        "prob6-noisy-embedding.png",
                        "prob6-noisy-reconstructions.png",
                        "prob6-plain-embedding.png",
                        "prob6-plain-reconstructions.png",
                        "prob6-residuals.png",
                        "prob6-skip-embedding.png",
                        "prob6-skip-noisy-embedding.png",
                        "prob6-skip-noisy-reconstructions.png",
                        "prob6-skip-reconstructions.png"),
                CommandLineRun.names(folder.resolve("figures")));
        CommandLineRun.assertPrintable(folder.resolve("figures"));

        // Python (1.13 and 2.10) with the same seed, data and order of draws; 600 images are 4 batches of 128 and one
        // of 88
        JsonObject plain = CommandLineRun.record(folder, "mnist_cae");
        JsonObject noisy = CommandLineRun.record(folder, "mnist_cae_noisy");
        CommandLineRun.assertTrainLosses(plain, 0.256832275, 0.250388163);
        CommandLineRun.assertTrainLosses(noisy, 0.256766719, 0.249649839);
        assertEquals("mnist_cae_noisy", noisy.get("model").getAsString());
        assertEquals(0.3, noisy.getAsJsonObject("options").get("noise").getAsDouble());
        assertEquals(0, plain.getAsJsonObject("options").get("noise").getAsDouble());
        assertEquals(1, noisy.getAsJsonObject("options").get("seed").getAsLong());
        assertEquals(0.09, noisy.getAsJsonObject("metrics").get("inputLoss").getAsDouble(), 0.001); // 0.3 squared
        assertEquals(0, plain.getAsJsonObject("metrics").get("inputLoss").getAsDouble());
        assertEquals("cpu", noisy.get("device").getAsString());
        for (String variant : List.of("plain", "skip", "noisy", "skip-noisy")) {
            assertTrue(
                    run.out().lines().anyMatch(line -> line.matches(variant + " +0\\.\\d{5} +0\\.\\d{5} .*")),
                    "no row for " + variant);
        }
    }

    @Test
    void theRecordHasWhatElseWasMeasuredOfEverySeed(@TempDir Path folder) throws IOException {
        CommandLineRun run = CommandLineRun.onSample(
                "prob6", folder, "--epochs", "1", "--only", "noisy", "--train-size", "100", "--seeds", "1,2");
        assertEquals(0, run.status(), run.err());
        JsonObject record = CommandLineRun.record(folder, "mnist_cae_noisy");
        JsonObject other = record.getAsJsonArray("replicates").get(0).getAsJsonObject();
        for (JsonObject seed : List.of(record, other)) {
            JsonObject metrics = seed.getAsJsonObject("metrics");
            JsonObject measured = metrics.getAsJsonObject("measurements");
            for (JsonElement at : measured.getAsJsonArray("noise")) {
                if (at.getAsJsonObject().get("std").getAsDouble() == 0.3) // the test set's own noise
                assertEquals(
                            metrics.get("testLoss").getAsDouble(),
                            at.getAsJsonObject().get("testLoss").getAsDouble(),
                            1e-7);
            }
            assertTrue(measured.has("shuffledCodesLoss") && measured.has("filters"));
            JsonObject errors = measured.getAsJsonObject("errors");
            JsonArray largest = errors.getAsJsonArray("largest");
            assertEquals(10, largest.size());
            assertTrue(largest.get(9).getAsJsonObject().get("error").getAsDouble()
                    > errors.get("median").getAsDouble());
            assertTrue(measured.get("lossToInput").getAsDouble()
                    > metrics.get("testLoss").getAsDouble());
        }
    }

    @Test
    void ablationsLeaveOneRecordAndNoModel(@TempDir Path folder) throws IOException {
        assertEquals(Optional.empty(), Ablations.Results.read(folder.resolve("saved")));
        CommandLineRun run = CommandLineRun.of(
                "ablations",
                "--epochs",
                "1",
                "--train-size",
                "100",
                "--seeds",
                "1,2",
                "--data-dir",
                SAMPLE,
                "--unverified-data",
                "--saved-dir",
                folder.resolve("saved"),
                "--figures-dir",
                folder.resolve("figures"));
        assertEquals(0, run.status(), run.err());
        assertEquals(List.of(Ablations.FILE), CommandLineRun.names(folder.resolve("saved")));
        Ablations.Results results =
                Ablations.Results.read(folder.resolve("saved")).orElseThrow();
        assertEquals(
                List.of("width-2", "width-4", "width-8", "width-16", "skip-pool1", "skip-pool2", "skip-both"),
                results.networks().stream().map(Ablations.Ablated::name).toList());
        for (Ablations.Ablated network : results.networks()) {
            assertEquals(
                    List.of(1L, 2L),
                    network.seeds().stream().map(Ablations.Result::seed).toList());
            assertEquals(network.codeWidth() == 2, network.seeds().get(0).nearestNeighbourAccuracy() != null);
        }
        Files.writeString(folder.resolve("saved").resolve(Ablations.FILE), "{}");
        assertThrows(LibTorchException.class, () -> Ablations.Results.read(folder.resolve("saved")));
    }

    @Test
    void onlyTheVariantsAskedForAreTrained(@TempDir Path folder) {
        CommandLineRun run = CommandLineRun.onSample(
                "prob6", folder, "--epochs", "1", "--only", "skip-noisy", "--train-size", "100", "--test-size", "50");
        assertEquals(0, run.status(), run.err());
        assertEquals(CommandLineRun.filesOf("mnist-cae-skip-noisy"), CommandLineRun.names(folder.resolve("saved")));
    }

    @Test
    void oneTestImageIsEnough(@TempDir Path folder) {
        CommandLineRun run = CommandLineRun.onSample(
                "prob6", folder, "--epochs", "1", "--only", "plain", "--train-size", "10", "--test-size", "1");
        assertEquals(0, run.status(), run.err());
    }
}
