package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import libtorch.export.Networks;
import libtorch.export.Safetensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.data.ImageSet;
import mnist.prob6.ConvAutoencoder;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saves models of a short run, and measures them anew. */
class EvalTest implements UsesLibTorch {
    @TempDir
    static Path folder;

    @BeforeAll
    static void train() {
        assertEquals(
                0, CommandLineRun.onSample("prob4", folder, "--epochs", "1").status());
        assertEquals(
                0,
                CommandLineRun.onSample("prob6", folder, "--epochs", "1", "--only", "plain,skip-noisy", "--seed", "3")
                        .status());
    }

    private static CommandLineRun eval(Path file, String... options) {
        return CommandLineRun.of("eval", file, options, "--data-dir", SAMPLE, "--unverified-data");
    }

    private static Path saved(String name) {
        return folder.resolve("saved").resolve(name);
    }

    private static String testLoss(String name) throws IOException {
        JsonObject record = CommandLineRun.record(folder, name);
        return String.format(
                "test loss %.6f",
                record.getAsJsonObject("metrics").get("testLoss").getAsDouble());
    }

    @Test
    void bothFilesOfAModelGiveTheLossOfItsRecordNoiseIncluded() throws IOException {
        for (String name : new String[] {"mnist_cnn", "mnist_cae", "mnist-cae-skip-noisy"}) {
            for (String extension : new String[] {".pt", ".safetensors"}) {
                CommandLineRun run = eval(saved(name + extension));
                assertEquals(0, run.status(), run.err());
                assertTrue(run.out().contains(testLoss(name)), name + extension + ": " + run.out());
            }
        }
        assertTrue(eval(saved("mnist-cae-skip-noisy.pt")).out().contains("with noise of standard deviation 0.3"));
        assertTrue(eval(saved("mnist_cnn.pt")).out().contains(", accuracy "));
    }

    @Test
    void anExportedProgramGivesWhatTheTorchScriptOfTheSameModelGives() throws IOException {
        Path file = folder.resolve("exported.pt2");
        try (PointerScope scope = new PointerScope()) {
            Network network = new ConvAutoencoder(false);
            Map<String, String> texts = Safetensors.load(saved("mnist_cae.safetensors"), network);
            Networks.save(network, torch.rand(2, 1, 28, 28), file, texts);
        }
        CommandLineRun run = eval(file);
        assertEquals(0, run.status(), run.err());
        assertEquals(
                eval(saved("mnist_cae.pt")).out(),
                run.out().replace(file.toString(), saved("mnist_cae.pt").toString()));
        assertTrue(run.out().contains("embedding: 10-NN accuracy"), run.out());
    }

    @Test
    void weightsUnderAnotherNameNeedTheModelsName() throws IOException {
        Path copy = Files.copy(saved("mnist_cae.safetensors"), folder.resolve("weights.safetensors"));
        assertEquals(
                "error: " + copy + " does not say which network it is of; add --model\n",
                eval(copy).err());
        CommandLineRun run = eval(copy, "--model", "mnist_cae");
        assertTrue(run.out().contains(testLoss("mnist_cae")), run.out());
    }

    @Test
    void weightsOfAnotherNetworkAreRefused() {
        CommandLineRun run = eval(saved("mnist_cae.safetensors"), "--model", "mnist_ae");
        assertEquals(1, run.status());
        assertEquals(
                "error: " + saved("mnist_cae.safetensors")
                        + " does not fit the network: its linear1.weight has the shape [20, 392], not [256, 784]; "
                        + "name another network than mnist_ae with --model\n",
                run.err());
    }

    @Test
    void weightsUnderTheNameOfAnotherNetworkNeedTheModelsName() throws IOException {
        Path copy = Files.copy(saved("mnist_cae.safetensors"), folder.resolve("mnist_ae.safetensors"));
        assertTrue(
                eval(copy).err().endsWith(", not [256, 784]; name which network it is of with --model\n"),
                eval(copy).err());
    }

    @Test
    void damagedFilesAreRefusedInOneLine() throws IOException {
        for (String extension : new String[] {".pt", ".safetensors"}) {
            byte[] whole = Files.readAllBytes(saved("mnist_cae" + extension));
            for (int length : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
                Path cut = folder.resolve("mnist_cae" + extension);
                Files.write(cut, Arrays.copyOf(whole, length));
                CommandLineRun run = eval(cut);
                assertEquals(1, run.status(), extension + " cut to " + length);
                assertTrue(
                        run.err().matches("error: [^\\n]*mnist_cae" + extension + " [^\\n]*; [^\\n]*\\n"), run.err());
            }
        }
    }

    /** A classifier as most are written: it answers logits. */
    private static final class Logits extends Network {
        final LinearImpl linear1 = linear("linear1", 784, 10);

        Logits() {
            super("Logits");
        }

        @Override
        public Activation forward(Activation x) {
            return x.flatten().linear(linear1);
        }
    }

    @Test
    void logitsAreMeasuredAsWhatTheyAre() {
        ImageSet test = UsesLibTorch.sample().test();
        Logits network = new Logits();
        Path file = folder.resolve("logits.pt");
        Networks.save(network, test.images(0, 2), file);
        double crossEntropy = torch.cross_entropy_loss(network.forward(test.images(0, 200)), test.labels())
                .item_double();
        assertTrue(
                eval(file)
                        .out()
                        .contains(String.format("test loss %.5f", crossEntropy).substring(0, 15)),
                eval(file).out());
    }

    @Test
    void noiseOnAClassifierIsWrongUsage() {
        CommandLineRun run = eval(saved("mnist_cnn.pt"), "--noise", "0.5");
        assertEquals(2, run.status());
        assertEquals(
                "error: --noise is for autoencoders, but " + saved("mnist_cnn.pt")
                        + " is a classifier; see mnist-libtorch eval --help\n",
                run.err());
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertEquals(
                "error: there is no file nowhere.pt; name a .pt, .pt2, .safetensors or .pth file\n",
                eval(Path.of("nowhere.pt")).err());
    }
}
