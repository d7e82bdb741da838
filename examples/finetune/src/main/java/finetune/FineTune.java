package finetune;

import java.nio.file.Path;
import java.util.Random;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.export.Model;
import libtorch.export.Networks;
import libtorch.export.Program;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.EpochMetrics;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Gives a network that Python exported (export.py) a new head, trains it on images from Java, and saves both in one file
 * for Python: {@code FineTune BODY.pt2 TUNED.pt2}.
 */
public final class FineTune {
    private static final int SIDE = 32;
    private static final int FEATURES = 8; // per image, computed by the exported network
    private static final int CLASSES = 3; // the brightest channel: red, green or blue

    /** The exported network with a head that is written in Java. */
    private static final class Tuned extends Network {
        final Program body;
        final DropoutImpl dropout = dropout("dropout", 0.2);
        final LinearImpl head = linear("head", FEATURES, CLASSES);

        Tuned(Path file) {
            super("Tuned");
            body = block("body", Program.open(file)).freeze("stem.*").freeze("layer1.*");
        }

        @Override
        public Activation forward(Activation x) {
            return body.forward(x).dropout(dropout).linear(head);
        }
    }

    private FineTune() {}

    public static void main(String[] arguments) {
        System.out.printf("accuracy %.2f%n", run(Path.of(arguments[0]), Path.of(arguments[1])));
    }

    /** Trains, saves and opens the network again; returns its accuracy on new images. */
    public static double run(Path body, Path tuned) {
        LibTorch.load(LibTorch.defaultThreads());
        try (PointerScope scope = new PointerScope()) {
            Task<Tuned> task = Task.of(
                            "tuned",
                            () -> new Tuned(body),
                            Optimizers.adam(0.01),
                            (output, target) -> torch.cross_entropy_loss(output, target),
                            images(300, 1),
                            images(60, 2))
                    .withEpochs(8)
                    .withBatchSize(30);
            Trainer<Tuned> trainer = Trainer.of(task).withDefaultGenerators();
            for (EpochMetrics epoch : trainer.fit())
                System.out.printf("epoch %d: test loss %.3f%n", epoch.epoch(), epoch.testLoss());
            Tensor examples = torch.rand(2, 3, SIDE, SIDE);
            Networks.save(trainer.network(), examples, tuned); // or .pt, .onnx
        }
        return accuracy(tuned);
    }

    private static double accuracy(Path tuned) {
        Random random = new Random(3);
        int right = 0;
        int n = 60;
        try (Model model = Model.open(tuned)) {
            float[] pixels = new float[n * 3 * SIDE * SIDE];
            for (int i = 0; i < n; i++) paint(pixels, i, i % CLASSES, random);
            float[] logits = model.call(pixels, n, 3, SIDE, SIDE);
            for (int i = 0; i < n; i++) {
                int best = 0;
                for (int c = 1; c < CLASSES; c++) if (logits[i * CLASSES + c] > logits[i * CLASSES + best]) best = c;
                if (best == i % CLASSES) right++;
            }
        }
        return (double) right / n;
    }

    /** Makes images, N×3×32×32, one channel of each brighter than the others. */
    private static Examples images(int n, long seed) {
        Random random = new Random(seed);
        float[] pixels = new float[n * 3 * SIDE * SIDE];
        long[] classes = new long[n];
        for (int i = 0; i < n; i++) {
            classes[i] = random.nextInt(CLASSES);
            paint(pixels, i, (int) classes[i], random);
        }
        return Examples.of(Tensors.of(pixels, n, 3, SIDE, SIDE), Tensors.of(classes, n));
    }

    private static void paint(float[] pixels, int image, int bright, Random random) {
        int plane = SIDE * SIDE;
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < plane; p++)
                pixels[(3 * image + c) * plane + p] = random.nextFloat() * (c == bright ? 1 : 0.7f);
        }
    }
}
