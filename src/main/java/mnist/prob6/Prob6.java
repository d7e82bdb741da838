package mnist.prob6;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import mnist.data.Batch;
import mnist.data.Examples;
import mnist.data.ImageSet;
import mnist.evaluation.EmbeddingQuality;
import mnist.runtime.LibTorch;
import mnist.runtime.Tensors;
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
import picocli.CommandLine.Option;

/** Problem 6: trains, saves, draws and compares the convolutional autoencoders. */
@Command(
        name = "prob6",
        description = "Trains the convolutional autoencoders, with and without skip connections and noise.")
public final class Prob6 implements Callable<Integer> {
    @Mixin
    private final TrainingOptions options =
            new TrainingOptions(/*epochs*/ 10, /*batch size*/ 128, /*learning rate*/ 1e-3);

    @Option(
            names = "--noise",
            paramLabel = "X",
            description = "Standard deviation of the noise; pixels are 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double noise = 0.3;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "VARIANT",
            converter = Variant.Converter.class,
            description = "Variants to train: ${COMPLETION-CANDIDATES} (default: all).")
    private Set<Variant> only = new LinkedHashSet<>(List.of(Variant.values()));

    /** Trains the variants one after the other. */
    @Override
    public Integer call() {
        options.require(!only.isEmpty(), "--only", "empty", "at least one variant");
        options.require(noise >= 0 && Double.isFinite(noise), "--noise", noise, "0 or more");
        try (Workbench bench = Workbench.open(options, LibTorch.Pool.OPENMP)) {
            List<Result> results = new ArrayList<>();
            for (Variant variant : only) results.add(train(variant, bench));
            if (bench.leads()) {
                Prob6Summary.print(results);
                Prob6Figures.save(results, options.figuresDir);
            }
        }
        return 0;
    }

    /**
     * What a variant came to, in Java values.
     *
     * @param points the embedding of the test set
     * @param labels the classes of the test set
     */
    record Result(
            Variant variant, RunRecord record, Metrics metrics, Samples samples, float[][] points, long[] labels) {}

    /** The first test images: as they are, as the network saw them, and as it gave them back. */
    record Samples(float[][] originals, float[][] inputs, float[][] reconstructions) {}

    /**
     * The run record's metrics.
     *
     * @param testLoss mean squared error a pixel between reconstructions and clean test images
     * @param inputLoss the same between the network's input and the clean images: 0 without noise
     */
    public record Metrics(double testLoss, double inputLoss, EmbeddingQuality embedding) {}

    /** Returns null in a process that only helps to train. */
    private Result train(Variant variant, Workbench bench) {
        System.out.printf("%n%s%n", variant);
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(options.seed);
            ConvAutoencoder network = variant.network();
            bench.place(network);
            Adam optimizer = new Adam(network.parameters(), new AdamOptions(options.lr));

            ImageSet train = bench.mnist.train();
            ImageSet test = bench.mnist.test();
            Examples training = variant.noise ? train.denoising(noise) : train.reconstruction();
            Examples testing = variant.noise ? test.denoising(test.noise(noise, options.seed)) : test.reconstruction();
            JsonObject settings = options.toJson();
            settings.addProperty("variant", variant.toString());
            settings.addProperty("noise", variant.noise ? noise : 0);
            Evaluation evaluation = new Evaluation(network, testing, bench.device);
            long[] labels = Tensors.longs(test.labels());
            Trainer trainer = new Trainer(
                    network, optimizer, torch::mse_loss, training, testing, options.batchSize, bench.device);
            List<EpochMetrics> epochs = bench.fit(
                    variant.fileName,
                    trainer,
                    options.epochs,
                    settings,
                    () -> Prob6Figures.reconstructions(
                            variant, variant.toString(), samples(network, evaluation), labels));
            if (!bench.leads()) return null;

            float[][] points = evaluation.rows(batch -> network.encode(batch.inputs()));
            Metrics metrics = new Metrics(
                    epochs.get(epochs.size() - 1).testLoss(),
                    evaluation.mean(batch ->
                            torch.mse_loss(batch.inputs(), batch.targets()).item_double()),
                    EmbeddingQuality.of(points, labels));

            RunRecord record = bench.record(variant.fileName, settings, epochs, metrics);
            bench.save(variant.fileName, network, record);

            return new Result(variant, record, metrics, samples(network, evaluation), points, labels);
        }
    }

    static Samples samples(ConvAutoencoder network, Evaluation evaluation) {
        Batch shown = evaluation.first(10);
        return new Samples(
                Tensors.rows(shown.targets()),
                Tensors.rows(shown.inputs()),
                Tensors.rows(network.forward(shown.inputs())));
    }
}
