package libtorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import libtorch.data.Examples;
import libtorch.export.Model;
import libtorch.export.Networks;
import libtorch.export.Program;
import libtorch.export.Safetensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.EpochMetrics;
import libtorch.training.Optimizers;
import libtorch.training.StoppedException;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/LIBRARY.md shows, in its words. */
class LibraryPageTest implements UsesLibTorch {
    @TempDir
    private Path folder;

    private static float[] pixels() {
        return Tensors.floats(UsesLibTorch.stripes());
    }

    @Test
    void callingAModel() {
        float[] pixels = pixels();
        try (Model model = Model.open(Path.of("saved/mnist_cnn.pt2"))) {
            float[] scores = model.call(pixels, 1, 1, 28, 28); // ten log-probabilities of one image
            double sum = 0;
            for (float score : scores) sum += Math.exp(score);
            assertEquals(10, scores.length);
            assertEquals(1, sum, 1e-5);
            assertThrows(IllegalArgumentException.class, () -> model.call(pixels, 1, 1, 28, 27));
        }
    }

    @Test
    void servingAModel() throws Exception {
        float[] pixels = pixels();
        LibTorch.load(1);
        Model model = Model.open(Path.of("saved/mnist_cnn.pt2"));
        ExecutorService pool = Executors.newFixedThreadPool(
                4,
                task -> new Thread(() -> {
                    torch.set_num_threads(1); // the pool has the cores already
                    task.run();
                }));
        Future<float[]> answer = pool.submit(() -> model.call(pixels, 1, 1, 28, 28));
        assertArrayEquals(model.call(pixels, 1, 1, 28, 28), answer.get());
        pool.shutdown();
        model.close();
        LibTorch.load(2);
        assertEquals(
                "model mnist_cnn.pt2 is closed",
                assertThrows(IllegalStateException.class, () -> model.call(pixels, 1, 1, 28, 28))
                        .getMessage());
    }

    @Test
    void trainingWhatWasExported() {
        Examples train = UsesLibTorch.sample().train().classification();
        Examples test = UsesLibTorch.sample().test().classification();
        try (PointerScope scope = new PointerScope()) { // of program, data and optimizer
            Program program = Program.open(Path.of("saved/mnist_cnn.pt2"));
            program.freeze("conv*");
            Task<Program> task = Task.of(
                            "tuned", () -> program, Optimizers.sgd(0.01, 0.9, 0), torch::nll_loss, train, test)
                    .withEpochs(2);
            List<EpochMetrics> epochs = Trainer.of(task).fit();
            program.save(folder.resolve("tuned.pt2"));
            assertEquals(2, epochs.size());
            float[] tuned = Tensors.floats(program.forward(UsesLibTorch.stripes()));
            try (Model saved = Model.open(folder.resolve("tuned.pt2"));
                    Model before = Model.open(Path.of("saved/mnist_cnn.pt2"))) {
                assertArrayEquals(tuned, saved.call(pixels(), 1, 1, 28, 28), 1e-5f);
                float[] old = before.call(pixels(), 1, 1, 28, 28);
                assertTrue(Math.abs(old[0] - tuned[0]) > 1e-4, old[0] + " " + tuned[0]);
            }
        }
    }

    static final class Classifier extends Network {
        final Conv2dImpl conv = conv2d("conv", 1, 8, kernel(3).padding(1).bias(false));
        final BatchNorm2dImpl norm = batchNorm2d("norm", 8);
        final LinearImpl head = linear("head", 8, 10);

        Classifier() {
            super("Classifier");
        }

        @Override
        public Activation forward(Activation x) { // N×1×28×28
            Activation h = x.conv2d(conv).batchNorm(norm).gelu().maxPool2d(2); // N×8×14×14
            return h.call("mean.dim", "dim", List.of(2, 3)).linear(head).logSoftmax(1); // N×10
        }
    }

    @Test
    void writingANetwork() {
        Examples train = UsesLibTorch.sample().train().classification();
        Examples test = UsesLibTorch.sample().test().classification();
        try (PointerScope scope = new PointerScope()) {
            Task<Classifier> task = Task.of(
                            "classifier", Classifier::new, Optimizers.adam(1e-2), torch::nll_loss, train, test)
                    .withEpochs(3);
            Trainer<Classifier> trainer = Trainer.of(task);
            List<EpochMetrics> epochs = trainer.fit();
            assertTrue(epochs.get(2).trainLoss() < epochs.get(0).trainLoss(), epochs.toString());
            Classifier network = trainer.network();
            Tensor examples = trainer.evaluation().firstBatch(10).inputs();
            for (String suffix : List.of("pt", "pt2", "pth", "safetensors", "onnx"))
                Networks.save(network, examples, folder.resolve("classifier." + suffix));
            float[] expected = Tensors.floats(network.forward(UsesLibTorch.stripes()));
            for (String suffix : List.of("pt", "pt2")) {
                try (Model model = Model.open(folder.resolve("classifier." + suffix))) {
                    assertArrayEquals(expected, model.call(pixels(), 1, 1, 28, 28), 1e-5f);
                }
            }
        }
    }

    /** y = w·x with w = 1. */
    private static final class Line extends Network {
        final LinearImpl linear = linear("linear", 1, 1, false);

        Line() {
            super("Line");
            linear.weight().detach().fill_(new Scalar(1));
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear);
        }
    }

    /** x = 2 and a target. */
    private static Examples two(float target) {
        return Examples.of(Tensors.of(new float[] {2}, 1, 1), Tensors.of(new float[] {target}, 1, 1));
    }

    @Test
    void aRecipeInAListener() {
        // The gradient of (2w - 5)² is 4(2w - 5) = -12 at first, and -1 when it is clipped, in each of the three
        // epochs. With learning rates of 0.1, 0.05 and 0.025, w becomes 1.1, 1.15 and 1.175; the test loss
        // (2w - 2.2)² is 0, 0.01 and 0.0225.
        Path file = folder.resolve("best.safetensors");
        Trainer<Line> trainer =
                Trainer.of(Task.of("line", Line::new, Optimizers.sgd(1, 0, 0), torch::mse_loss, two(5), two(2.2f)));
        String stopped = "";
        TrainingListener recipe = new TrainingListener() {
            private double best = Double.POSITIVE_INFINITY;
            private int since; // epochs since the best

            @Override
            public void epochStarted(int epoch, int batches, int done) {
                // a function of the epoch alone: a resumed run goes on with it
                trainer.optimizer().param_groups().get(0).options().set_lr(0.1 * Math.pow(0.5, epoch - 1));
            }

            @Override
            public void gradientsComputed() {
                torch.clip_grad_norm_(trainer.network().parameters(), 1);
            }

            @Override
            public void epochDone(EpochMetrics metrics, double[] stepLosses) {
                since = metrics.testLoss() < best ? 0 : since + 1;
                if (since > 0) return;
                best = metrics.testLoss();
                Safetensors.save(file, trainer.network().state(), Map.of());
            }

            @Override
            public int stop() {
                return since < 2 ? 0 : 1; // two epochs without a lower test loss
            }
        };
        try {
            trainer.fit(recipe);
        } catch (StoppedException e) {
            stopped = e.where(); // "after epoch 3"
        }
        Safetensors.load(file, trainer.network()); // the weights of the best epoch
        assertEquals("after epoch 3", stopped);
        assertEquals(1.1, trainer.network().linear.weight().item_double(), 1e-6);
    }

    @Test
    void whatThePageShowsIsWhatThisTestDoes() throws IOException {
        String test = flat(Files.readString(Path.of("src/test/java/libtorch/LibraryPageTest.java")));
        List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs/LIBRARY.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertEquals(7, blocks.size());
        for (String block : blocks) {
            String shown = flat(block.split("(?m)^\\s*\\.\\.\\.\n")[0]); // three dots stand for what is done with it
            assertTrue(test.contains(shown), shown);
        }
    }

    private static String flat(String text) {
        return text.replaceAll("\\s", ""); // the formatter breaks lines where the page does not
    }
}
