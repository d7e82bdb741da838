package mnist.prob6;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.nn.Network;
import libtorch.training.Evaluation;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.LatentAxes;
import mnist.evaluation.Reconstructions;
import mnist.figures.ImageGrid;
import mnist.run.FigureOptions;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Training;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Problem 6: trains, saves, draws and compares the convolutional autoencoders. */
@Command(
        name = "prob6",
        description = "Trains the convolutional autoencoders, with and without skip connections and noise.",
        subcommands = Ablations.class,
        synopsisSubcommandLabel = "[ablations]")
public final class Prob6 extends MnistProblem {
    @Option(
            names = "--noise",
            paramLabel = "X",
            description = "Standard deviation of the noise; pixels are 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double noise = 0.3;

    @Option(
            names = "--only",
            paramLabel = "VARIANT[,...]",
            converter = Variant.Selection.Converter.class,
            description = "Variants to train: plain, skip, noisy, skip-noisy (default: all).")
    private transient Variant.Selection only = new Variant.Selection(List.of(Variant.values()));

    /** The name under which records have the variant. */
    @Option(names = "--variant", hidden = true, converter = Variant.Selection.Converter.class)
    private void setVariant(Variant.Selection variant) {
        only = variant;
    }

    /** Returns what builds the networks of the problem's models, by the names of their files. */
    public static Map<String, Supplier<Network>> networks() {
        Map<String, Supplier<Network>> models = new LinkedHashMap<>();
        for (Variant variant : Variant.values()) models.put(variant.model, () -> new ConvAutoencoder(variant.skips));
        return models;
    }

    public Prob6() {
        super(new FigureOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3), LibTorch.Pool.OPENMP, networks());
    }

    @Override
    public void validate() {
        super.validate();
        options.require(!only.variants().isEmpty(), "--only", "empty", "at least one variant");
        options.require(noise >= 0 && Double.isFinite(noise), "--noise", noise, "0 or more");
        options.require(noise <= 1000, "--noise", noise, "at most 1000");
    }

    @Override
    public Runnable add(Session<Mnist> session) {
        Mnist data = session.data();
        List<Training<Result>> trainings = new ArrayList<>();
        for (Variant variant : only.variants()) {
            trainings.add(session.add(
                    variant.toString(),
                    seed -> task(variant, seed, data),
                    run -> run.pictures(data.test().labels()),
                    run -> {
                        Result result = result(variant, run, data);
                        if (run.isFirst()) Prob6Figures.save(result, options.figuresDir);
                        return result;
                    }));
        }
        return () -> {
            List<List<Result>> results = trainings.stream()
                    .map(Training::results)
                    .filter(seeds -> !seeds.isEmpty())
                    .toList();
            if (results.isEmpty()) return; // in other ranks than 0
            Prob6Summary.print(results);
            Prob6Figures.save(results, options.figuresDir);
        };
    }

    private Task<ConvAutoencoder> task(Variant variant, long seed, Mnist data) {
        double std = variant.noise ? noise : 0;
        JsonObject settings = options.settings(seed, mnist);
        settings.addProperty("variant", variant.toString());
        settings.addProperty("noise", std);
        Examples train = data.train().reconstruction();
        Examples test = data.test().reconstruction();
        if (variant.noise) {
            train = data.train().denoising(std);
            test = data.test().denoising(data.test().noise(std, seed));
        }
        return new Task<>(
                variant.model,
                () -> new ConvAutoencoder(variant.skips),
                parameters -> new Adam(parameters, new AdamOptions(options.lr)),
                torch::mse_loss,
                train,
                test,
                seed,
                options.epochs,
                options.batchSize,
                settings);
    }

    /**
     * A trained autoencoder, in Java values.
     *
     * @param reconstructions of the first test images
     * @param groups the same, of random images and of those with the largest error
     * @param points the embedding of the test set
     * @param labels the classes of the test set
     */
    record Result(
            Variant variant,
            RunRecord record,
            Metrics metrics,
            Reconstructions reconstructions,
            List<ImageGrid.Group> groups,
            float[][] points,
            long[] labels) {}

    /**
     * The run record's metrics.
     *
     * @param testLoss mean squared error per pixel between reconstructions and clean test images
     * @param inputLoss the same between the network's input and the clean images: 0 without noise
     */
    public record Metrics(double testLoss, double inputLoss, EmbeddingQuality embedding, Measurements measurements) {}

    private static Result result(Variant variant, Run<ConvAutoencoder> run, Mnist data) {
        Evaluation evaluation = run.evaluation();
        float[][] points = evaluation.rows(batch -> run.network().encode(batch.inputs()));
        long[] labels = Tensors.longs(data.test().labels());
        Metrics metrics = new Metrics(
                run.testLoss(),
                Measurements.loss(evaluation, Batch::inputs),
                EmbeddingQuality.of(points, labels),
                measurements(run, points, labels, data));
        RunRecord record = run.save(metrics);
        List<ImageGrid.Group> groups =
                run.reconstructions(labels, metrics.measurements().errors());
        return new Result(variant, record, metrics, groups.get(0).images(), groups, points, labels);
    }

    private static Evaluation first(Evaluation evaluation) {
        Examples all = evaluation.examples();
        Examples some = all.narrow(0, Math.min(Measurements.NOISE_IMAGES, all.size()));
        return new Evaluation(null, some, evaluation.device());
    }

    private static Measurements measurements(Run<ConvAutoencoder> run, float[][] points, long[] labels, Mnist data) {
        ConvAutoencoder network = run.network();
        Evaluation evaluation = run.evaluation();
        long seed = run.task().seed();
        double std = run.task().settings().get("noise").getAsDouble();
        float[][] errors = evaluation.rows(batch -> {
            Tensor outputs = network.forward(batch.inputs());
            return torch.stack(
                    new TensorVector(
                            Tensors.imageErrors(outputs, batch.targets()),
                            Tensors.imageErrors(outputs, batch.inputs())),
                    1);
        });
        return new Measurements(
                Measurements.shuffledCodesLoss(network, evaluation, points, data.test()),
                Arrays.stream(errors).mapToDouble(row -> row[1]).average().orElseThrow(),
                Measurements.noise(network, data.test(), std, seed, evaluation.device()),
                std > 0 ? NoiseFilters.of(data.train(), std, seed, first(evaluation)) : null,
                LatentAxes.of(points, data.test(), labels),
                ImageErrors.of(Arrays.stream(errors).mapToDouble(row -> row[0]).toArray()));
    }
}
