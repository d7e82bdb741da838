package mnist.prob6;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.nn.Network;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.Reconstructions;
import mnist.evaluation.Sample;
import mnist.figures.ImageGrid;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Problem 6: trains, saves, draws and compares the convolutional autoencoders. */
@Command(
        name = Prob6.NAME,
        description = "Trains the convolutional autoencoders, with and without skip connections and noise.")
public final class Prob6 extends MnistProblem {
    static final String NAME = "prob6";

    @Option(
            names = "--noise",
            paramLabel = "X",
            description = "Standard deviation of the noise; pixels are 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double noise = 0.3;

    @Option(
            names = "--only",
            paramLabel = "VARIANT[,...]",
            converter = Variant.Selection.class,
            description = "Variants to train: plain, skip, noisy, skip-noisy (default: all).")
    private transient Variant.Selection only = new Variant.Selection();

    /** Selects the variant that a run record names. */
    @Option(names = "--variant", hidden = true, converter = Variant.Selection.class)
    private void setVariant(Variant.Selection variant) {
        only = variant;
    }

    /** Returns the suppliers of the problem's networks, by model name. */
    public static Map<String, Supplier<Network>> networks() {
        Map<String, Supplier<Network>> models = new LinkedHashMap<>();
        for (Variant variant : Variant.values()) models.put(variant.model, () -> new ConvAutoencoder(variant.skips));
        return models;
    }

    public Prob6() {
        super(new TrainingOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3), LibTorch.Pool.OPENMP, networks());
    }

    @Override
    public void validate() {
        super.validate();
        options.require(!only.variants().isEmpty(), "--only", "empty", "at least one variant");
        options.require(noise >= 0 && Double.isFinite(noise), "--noise", noise, "0 or more");
        options.require(noise <= 1000, "--noise", noise, "at most 1000");
    }

    @Override
    public Runnable add(Session session) {
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
            print(results);
            Prob6Figures.save(results, options.figuresDir);
        };
    }

    private Task<ConvAutoencoder> task(Variant variant, long seed, Mnist data) {
        double std = variant.noise ? noise : 0;
        Examples train =
                variant.noise ? data.train().denoising(std) : data.train().reconstruction();
        Task<ConvAutoencoder> task = task(
                variant.model,
                () -> new ConvAutoencoder(variant.skips),
                Optimizers.adam(options.lr),
                torch::mse_loss,
                train,
                data.test().test(std, seed),
                seed);
        task.settings().addProperty("variant", variant.toString());
        task.settings().addProperty("noise", std);
        return task;
    }

    /**
     * The results of a trained autoencoder, as Java values.
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
    public record Metrics(double testLoss, double inputLoss, EmbeddingQuality embedding) {}

    private static Result result(Variant variant, Run<ConvAutoencoder> run, Mnist data) {
        long[] labels = Tensors.longs(data.test().labels());
        double inputLoss = ImageErrors.mean(run.evaluation(), inputs -> inputs);
        Metrics metrics = new Metrics(run.testLoss(), inputLoss, EmbeddingQuality.of(run.embedding(), labels));
        RunRecord record = run.save(NAME, metrics);
        List<ImageGrid.Group> groups = run.reconstructions(labels, ImageErrors.of(run.errors()));
        return new Result(variant, record, metrics, groups.get(0).images(), groups, run.embedding(), labels);
    }

    /**
     * Prints the table that answers "compare with and without skip connections".
     *
     * @param variants the results of each variant, by seed
     */
    private static void print(List<List<Result>> variants) {
        boolean several = variants.get(0).size() > 1;
        String row = several ? "%-10s  %17s  %17s  %12s  %14s%n" : "%-10s  %9s  %9s  %9s  %10s%n";
        System.out.printf("%n" + row, "variant", "train MSE", "test MSE", "10-NN (%)", "silhouette");
        for (List<Result> seeds : variants) {
            System.out.printf(
                    row,
                    seeds.get(0).variant(),
                    Sample.of(seeds, r -> r.record().lastEpoch().trainLoss()).format("%.5f"),
                    Sample.of(seeds, r -> r.metrics().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> 100 * r.metrics().embedding().nearestNeighbourAccuracy())
                            .format("%.1f"),
                    Sample.of(seeds, r -> r.metrics().embedding().silhouette()).format("%.3f"));
        }
        System.out.println();
        for (List<Result> seeds : variants) {
            Result first = seeds.get(0);
            System.out.printf(
                    "%-10s  digits most confused: %s%n",
                    first.variant(), first.metrics().embedding().overlapsInWords());
        }
        variants.stream()
                .mapToDouble(seeds -> seeds.get(0).metrics().inputLoss())
                .filter(noise -> noise > 0)
                .findFirst()
                .ifPresent(noise -> System.out.printf("%nMSE of the noisy images themselves: %.5f%n", noise));
        System.out.println("""

                MSE: mean squared error per pixel, against the clean image.
                10-NN: share of test images whose class is the most frequent among their 10
                nearest neighbours in the embedding; it and the silhouette are higher where the
                digits are better told apart.""");
        if (several) {
            System.out.printf("""
                    ±: standard deviation over %d seeds. A difference smaller than it may be due to
                    the seeds. The digits are those of the first seed.%n""", variants.get(0).size());
        }
    }
}
