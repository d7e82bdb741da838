package mnist.prob5;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import mnist.data.Batch;
import mnist.data.Examples;
import mnist.evaluation.EmbeddingQuality;
import mnist.runtime.LibTorch;
import mnist.runtime.Tensors;
import mnist.torchscript.Network;
import mnist.training.EpochMetrics;
import mnist.training.Evaluation;
import mnist.training.RunRecord;
import mnist.training.Trainer;
import mnist.training.TrainingOptions;
import mnist.training.Workbench;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Problem 5: trains, saves and draws the autoencoder, and compares a linear one with principal components. */
@Command(name = "prob5", description = "Trains the autoencoder, and compares a linear one with principal components.")
public final class Prob5 implements Callable<Integer> {
    @Mixin
    private final TrainingOptions options =
            new TrainingOptions(/*epochs*/ 10, /*batch size*/ 128, /*learning rate*/ 1e-3);

    @Override
    public Integer call() {
        try (Workbench bench = Workbench.open(options, LibTorch.Pool.OPENBLAS)) {
            Linear linear = compareWithPrincipalComponents(bench);
            Result result = train(linear, bench);
            if (bench.leads()) {
                Prob5Summary.print(result);
                Prob5Figures.save(result, options);
            }
        }
        return 0;
    }

    /**
     * What the autoencoder came to, in Java values.
     *
     * @param points the embedding of the test set
     * @param labels the classes of the test set
     */
    record Result(
            RunRecord record,
            Metrics metrics,
            Samples samples,
            float[][] points,
            long[] labels,
            LatentGrid grid,
            Linear linear) {}

    /** The first test images: as they are, and as the network gave them back. */
    record Samples(float[][] originals, float[][] reconstructions) {}

    /**
     * The run record's metrics.
     *
     * @param testLoss mean squared error a pixel between reconstructions and test images
     */
    public record Metrics(double testLoss, EmbeddingQuality embedding, LinearMetrics linear) {}

    /**
     * How near the linear autoencoder came to principal components.
     *
     * @param epochs of its training
     * @param lr learning rate of its training
     * @param pcaTestLoss mean squared error a pixel of the test images' projections
     * @param angles principal angles between the two planes, in degrees
     */
    public record LinearMetrics(int epochs, double lr, double testLoss, double pcaTestLoss, double[] angles) {}

    /** The linear autoencoder beside the principal components, in Java values. */
    record Linear(LinearMetrics metrics, Samples samples, Samples pcaSamples, float[][] points, float[][] pcaPoints) {}

    /** Returns null in a process that only helps to train. */
    private Result train(Linear linear, Workbench bench) {
        System.out.printf("%nautoencoder%n");
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(options.seed);
            Autoencoder network = new Autoencoder();
            List<EpochMetrics> epochs = fit("mnist_ae", network, options.epochs, options.lr, bench);
            if (!bench.leads()) return null;

            Evaluation evaluation = new Evaluation(network, bench.mnist.test().reconstruction(), bench.device);
            float[][] points = evaluation.rows(batch -> network.encode(batch.inputs()));
            long[] labels = Tensors.longs(bench.mnist.test().labels());
            Metrics metrics = new Metrics(
                    epochs.get(epochs.size() - 1).testLoss(), EmbeddingQuality.of(points, labels), linear.metrics);
            RunRecord record = bench.record("mnist_ae", options.toJson(), epochs, metrics);
            bench.save("mnist_ae", network, record);

            LatentGrid grid = LatentGrid.over(
                    points,
                    z -> network.decode(z.to(bench.device, bench.mnist.test().type())));
            return new Result(record, metrics, samples(network, evaluation), points, labels, grid, linear);
        }
    }

    /**
     * Trains a linear autoencoder and measures how far its plane is from that of the principal components; returns null in a
     * process that only helps to train.
     */
    private Linear compareWithPrincipalComponents(Workbench bench) {
        System.out.printf("%nlinear autoencoder%n");
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(options.seed);
            LinearAutoencoder network = new LinearAutoencoder();
            // Its loss is nearly flat around the plane of the principal components: it takes longer to arrive, and
            // larger steps.
            int longer = 2 * options.epochs;
            double larger = 3 * options.lr;
            List<EpochMetrics> epochs = fit("linear_ae", network, longer, larger, bench);
            if (!bench.leads()) return null;
            PrincipalComponents pca = PrincipalComponents.of(bench.mnist.train());

            Evaluation evaluation = new Evaluation(network, bench.mnist.test().reconstruction(), bench.device);
            double pcaLoss =
                    evaluation.mean(batch -> torch.mse_loss(pca.decode(pca.encode(batch.inputs())), batch.targets())
                            .item_double());
            Batch shown = evaluation.first(10);
            return new Linear(
                    new LinearMetrics(
                            longer,
                            larger,
                            epochs.get(epochs.size() - 1).testLoss(),
                            pcaLoss,
                            pca.anglesTo(network.linear2.weight().detach())),
                    samples(network, evaluation),
                    new Samples(Tensors.rows(shown.targets()), Tensors.rows(pca.decode(pca.encode(shown.inputs())))),
                    evaluation.rows(batch -> network.encode(batch.inputs())),
                    evaluation.rows(batch -> pca.encode(batch.inputs())));
        }
    }

    private List<EpochMetrics> fit(String name, Network network, int epochs, double lr, Workbench bench) {
        bench.place(network);
        Adam optimizer = new Adam(network.parameters(), new AdamOptions(lr));
        Examples training = bench.mnist.train().reconstruction();
        Examples testing = bench.mnist.test().reconstruction();
        Trainer trainer =
                new Trainer(network, optimizer, torch::mse_loss, training, testing, options.batchSize, bench.device);
        JsonObject settings = options.toJson();
        settings.addProperty("epochs", epochs);
        settings.addProperty("lr", lr);
        Evaluation evaluation = new Evaluation(network, testing, bench.device);
        long[] labels = Tensors.longs(bench.mnist.test().labels());
        return bench.fit(
                name,
                trainer,
                epochs,
                settings,
                () -> Prob5Figures.reconstructions(name, samples(network, evaluation), labels));
    }

    static Samples samples(Network network, Evaluation evaluation) {
        Batch shown = evaluation.first(10);
        return new Samples(Tensors.rows(shown.targets()), Tensors.rows(network.forward(shown.inputs())));
    }
}
