package mnist.prob5;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.nn.Activation;
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
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;

/** Problem 5: trains, saves and draws the autoencoder, and compares a linear one with principal components. */
@Command(name = "prob5", description = "Trains the autoencoder, and compares a linear one with principal components.")
public final class Prob5 extends MnistProblem {
    public static final String MODEL = "mnist_ae";

    public Prob5() {
        super(new FigureOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3), LibTorch.Pool.OPENBLAS, networks());
    }

    /** Returns what builds the networks of the problem's models, by the names of their files. */
    public static Map<String, Supplier<Network>> networks() {
        return Map.of(MODEL, Autoencoder::new);
    }

    @Override
    public void validate() {
        super.validate();
        options.require(options.epochs <= 1_000_000, "--epochs", options.epochs, "at most 1000000");
    }

    @Override
    public Runnable add(Session<Mnist> session) {
        Mnist data = session.data();
        Tensor labels = data.test().labels();
        Training<Linear> linear = session.add(
                "linear AE", seed -> linearTask(seed, data), run -> run.pictures(labels), run -> linear(run, data));
        Training<Result> training = session.add(
                "autoencoder",
                seed -> task(seed, data),
                run -> run.pictures(labels),
                run -> result(run, linear.result(run.task().seed()).orElseThrow(), data));
        return () -> training.results().stream().findFirst().ifPresent(first -> {
            Prob5Summary.print(training.results());
            Prob5Figures.save(first, options);
        });
    }

    private Task<Autoencoder> task(long seed, Mnist data) {
        return task(seed, data, MODEL, Autoencoder::new, options.epochs, options.lr);
    }

    /** Its loss is nearly flat around the plane of the principal components: it needs more epochs, and larger steps. */
    private Task<LinearAutoencoder> linearTask(long seed, Mnist data) {
        int epochs = 2 * options.epochs;
        return task(seed, data, "linear_ae", LinearAutoencoder::new, epochs, 3 * options.lr);
    }

    private <N extends Network> Task<N> task(
            long seed, Mnist data, String model, Supplier<N> network, int epochs, double lr) {
        JsonObject settings = options.settings(seed, mnist);
        settings.addProperty("epochs", epochs);
        settings.addProperty("lr", lr);
        return new Task<>(
                model,
                network,
                parameters -> new Adam(parameters, new AdamOptions(lr)),
                torch::mse_loss,
                data.train().reconstruction(),
                data.test().reconstruction(),
                seed,
                epochs,
                options.batchSize,
                settings);
    }

    /**
     * The trained autoencoder, in Java values.
     *
     * @param points the embedding of the test set
     * @param labels the classes of the test set
     * @param reconstructions of some test images
     */
    record Result(
            RunRecord record,
            Metrics metrics,
            List<ImageGrid.Group> reconstructions,
            float[][] points,
            long[] labels,
            LatentGrid grid,
            Linear linear) {}

    /**
     * The run record's metrics.
     *
     * @param testLoss mean squared error per pixel between reconstructions and test images
     * @param errors the same of single images
     */
    public record Metrics(
            double testLoss, EmbeddingQuality embedding, LinearMetrics linear, LatentAxes axes, ImageErrors errors) {}

    /**
     * How near the linear autoencoder came to principal components.
     *
     * @param epochs of its training
     * @param lr learning rate of its training
     * @param pcaTestLoss mean squared error per pixel of the test images' projections
     * @param angles principal angles between the two planes, in degrees
     * @param eigenvalues the leading three of the training images' covariance matrix, pixels being 0 to 1
     */
    public record LinearMetrics(
            int epochs, double lr, double testLoss, double pcaTestLoss, double[] angles, double[] eigenvalues) {}

    /**
     * The linear autoencoder beside the principal components, in Java values.
     *
     * @param points its reconstructions of the test images, in the coordinates of the principal axes
     */
    record Linear(
            LinearMetrics metrics,
            Reconstructions reconstructions,
            Reconstructions pcaReconstructions,
            float[][] points,
            float[][] pcaPoints) {}

    private static Result result(Run<Autoencoder> run, Linear linear, Mnist data) {
        Autoencoder network = run.network();
        Evaluation evaluation = run.evaluation();
        float[][] points = evaluation.rows(batch -> network.encode(batch.inputs()));
        long[] labels = Tensors.longs(data.test().labels());
        float[][] errors =
                evaluation.rows(batch -> Tensors.imageErrors(network.forward(batch.inputs()), batch.targets())
                        .unsqueeze(1));
        Metrics metrics = new Metrics(
                run.testLoss(),
                EmbeddingQuality.of(points, labels),
                linear.metrics,
                LatentAxes.of(points, data.test(), labels),
                ImageErrors.of(Arrays.stream(errors).mapToDouble(row -> row[0]).toArray()));
        RunRecord record = run.save(metrics);
        LatentGrid grid = evaluation.run(() -> LatentGrid.over(
                points, z -> network.decode(Activation.of(data.test().like(z))).tensor()));
        return new Result(record, metrics, run.reconstructions(labels, metrics.errors()), points, labels, grid, linear);
    }

    private static Linear linear(Run<LinearAutoencoder> run, Mnist data) {
        Task<LinearAutoencoder> task = run.task();
        LinearAutoencoder network = run.network();
        PrincipalComponents pca = PrincipalComponents.of(data.train());
        UnaryOperator<Tensor> projection = images -> pca.decode(pca.encode(images));
        Evaluation evaluation = run.evaluation();
        double pcaLoss = evaluation.mean(batch -> torch.mse_loss(projection.apply(batch.inputs()), batch.targets())
                .item_double());
        double[] angles = pca.anglesTo(network.linear2.weight().detach());
        double lr = task.settings().get("lr").getAsDouble();
        return new Linear(
                new LinearMetrics(task.epochs(), lr, run.testLoss(), pcaLoss, angles, pca.eigenvalues()),
                run.reconstructions(),
                Reconstructions.of(evaluation.first(Reconstructions.SHOWN), projection),
                evaluation.rows(batch -> pca.encode(network.forward(batch.inputs()))),
                evaluation.rows(batch -> pca.encode(batch.inputs())));
    }
}
