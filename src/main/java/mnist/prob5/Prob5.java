package mnist.prob5;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Reconstructions;
import mnist.model.Network;
import mnist.model.Value;
import mnist.run.FigureOptions;
import mnist.run.MnistOptions;
import mnist.run.Options;
import mnist.run.Problem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Summary;
import mnist.runtime.LibTorch;
import mnist.runtime.Tensors;
import mnist.training.Evaluation;
import mnist.training.Task;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Problem 5: trains, saves and draws the autoencoder, and compares a linear one with principal components. */
@Command(name = "prob5", description = "Trains the autoencoder, and compares a linear one with principal components.")
public final class Prob5 implements Callable<Integer>, Problem {
    public static final String MODEL = "mnist_ae";

    @Mixin
    private final FigureOptions options = new FigureOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3);

    @Mixin
    private final MnistOptions.Training mnist = new MnistOptions.Training();

    /** Returns what builds the networks of the problem's models, by the names of their files. */
    public static Map<String, Supplier<Network>> networks() {
        return Map.of(MODEL, Autoencoder::new);
    }

    @Override
    public Set<String> models() {
        return networks().keySet();
    }

    @Override
    public Integer call() {
        mnist.validate();
        options.require(options.epochs <= 1_000_000, "--epochs", options.epochs, "at most 1000000");
        if (options.summary) return Summary.print(options, networks(), Mnist.IMAGE);
        try (Session<Mnist> session = Session.open(options, LibTorch.Pool.OPENBLAS, mnist::load)) {
            Mnist data = session.data();
            Linear linear = session.train(
                            linearTask(data), run -> run.pictures(data.test().labels()), run -> linear(run, data))
                    .orElse(null); // in other ranks than 0
            session.train(task(data), run -> run.pictures(data.test().labels()), run -> result(run, linear, data))
                    .ifPresent(result -> {
                        Prob5Summary.print(result);
                        Prob5Figures.save(result, options);
                    });
        }
        return 0;
    }

    private Task<Autoencoder> task(Mnist data) {
        return task(data, MODEL, "autoencoder", Autoencoder::new, options.epochs, options.lr);
    }

    /** Its loss is nearly flat around the plane of the principal components: it needs more epochs, and larger steps. */
    private Task<LinearAutoencoder> linearTask(Mnist data) {
        int epochs = 2 * options.epochs;
        return task(data, "linear_ae", "linear autoencoder", LinearAutoencoder::new, epochs, 3 * options.lr);
    }

    private <N extends Network> Task<N> task(
            Mnist data, String model, String title, Supplier<N> network, int epochs, double lr) {
        JsonObject settings = Options.settings(options, mnist);
        settings.addProperty("epochs", epochs);
        settings.addProperty("lr", lr);
        return new Task<>(
                model,
                title,
                network,
                parameters -> new Adam(parameters, new AdamOptions(lr)),
                torch::mse_loss,
                data.train().reconstruction(),
                data.test().reconstruction(),
                options.seed,
                epochs,
                options.batchSize,
                settings);
    }

    /**
     * The trained autoencoder, in Java values.
     *
     * @param points the embedding of the test set
     * @param labels the classes of the test set
     * @param reconstructions of the first test images
     */
    record Result(
            RunRecord record,
            Metrics metrics,
            Reconstructions reconstructions,
            float[][] points,
            long[] labels,
            LatentGrid grid,
            Linear linear) {}

    /**
     * The run record's metrics.
     *
     * @param testLoss mean squared error per pixel between reconstructions and test images
     */
    public record Metrics(double testLoss, EmbeddingQuality embedding, LinearMetrics linear) {}

    /**
     * How near the linear autoencoder came to principal components.
     *
     * @param epochs of its training
     * @param lr learning rate of its training
     * @param pcaTestLoss mean squared error per pixel of the test images' projections
     * @param angles principal angles between the two planes, in degrees
     */
    public record LinearMetrics(int epochs, double lr, double testLoss, double pcaTestLoss, double[] angles) {}

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
        Metrics metrics = new Metrics(run.testLoss(), EmbeddingQuality.of(points, labels), linear.metrics);
        RunRecord record = run.save(metrics);
        LatentGrid grid = evaluation.run(() -> LatentGrid.over(
                points, z -> network.decode(Value.of(data.test().like(z))).tensor()));
        return new Result(record, metrics, run.reconstructions(), points, labels, grid, linear);
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
                new LinearMetrics(task.epochs(), lr, run.testLoss(), pcaLoss, angles),
                run.reconstructions(),
                Reconstructions.of(evaluation.first(Reconstructions.SHOWN), projection),
                evaluation.rows(batch -> pca.encode(network.forward(batch.inputs()))),
                evaluation.rows(batch -> pca.encode(batch.inputs())));
    }
}
