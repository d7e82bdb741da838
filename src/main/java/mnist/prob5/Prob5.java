package mnist.prob5;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.nn.Network;
import libtorch.training.Evaluation;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.PrincipalComponents;
import mnist.evaluation.Reconstructions;
import mnist.evaluation.Sample;
import mnist.figures.ImageGrid;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;

/** Problem 5: trains, saves and draws the autoencoder, and compares a linear one with principal components. */
@Command(
        name = Prob5.NAME,
        description = "Trains the autoencoder, and compares a linear one with principal components.")
public final class Prob5 extends MnistProblem {
    static final String NAME = "prob5";
    public static final String MODEL = "mnist_ae";

    public Prob5() {
        super(new TrainingOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3), LibTorch.Pool.OPENBLAS, networks());
    }

    /** Returns the suppliers of the problem's networks, by model name. */
    public static Map<String, Supplier<Network>> networks() {
        return Map.of(MODEL, Autoencoder::new);
    }

    @Override
    public Runnable add(Session session) {
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
            print(training.results());
            Prob5Figures.save(first, options);
        });
    }

    private Task<Autoencoder> task(long seed, Mnist data) {
        return task(seed, data, MODEL, Autoencoder::new, options.epochs, options.lr);
    }

    /**
     * Uses more epochs and a larger learning rate: the loss is nearly flat around the plane of the principal
     * components.
     */
    private Task<LinearAutoencoder> linearTask(long seed, Mnist data) {
        return task(seed, data, "linear_ae", LinearAutoencoder::new, 2 * options.epochs, 3 * options.lr);
    }

    private <N extends Network> Task<N> task(
            long seed, Mnist data, String model, Supplier<N> network, int epochs, double lr) {
        Examples train = data.train().reconstruction();
        Examples test = data.test().reconstruction();
        Task<N> task = task(model, network, Optimizers.adam(lr), torch::mse_loss, train, test, seed)
                .withEpochs(epochs);
        task.settings().addProperty("epochs", epochs);
        task.settings().addProperty("lr", lr);
        return task;
    }

    /**
     * The results of a trained autoencoder, as Java values.
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
            Linear linear) {}

    /**
     * Metrics that compare the linear autoencoder with the principal components.
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
     * The run record's metrics.
     *
     * @param testLoss mean squared error per pixel between reconstructions and test images
     * @param errors the same of single images
     */
    public record Metrics(double testLoss, EmbeddingQuality embedding, LinearMetrics linear, ImageErrors errors) {}

    /**
     * The results of the linear autoencoder, as Java values.
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
        long[] labels = Tensors.longs(data.test().labels());
        Metrics metrics = new Metrics(
                run.testLoss(),
                EmbeddingQuality.of(run.embedding(), labels),
                linear.metrics,
                ImageErrors.of(run.errors()));
        RunRecord record = run.save(NAME, metrics);
        return new Result(
                record, metrics, run.reconstructions(labels, metrics.errors()), run.embedding(), labels, linear);
    }

    private static Linear linear(Run<LinearAutoencoder> run, Mnist data) {
        Task<LinearAutoencoder> task = run.task();
        LinearAutoencoder network = run.network();
        PrincipalComponents pca = PrincipalComponents.of(data.train());
        UnaryOperator<Tensor> projection = images -> pca.decode(pca.encode(images));
        Evaluation evaluation = run.evaluation();
        double pcaLoss = ImageErrors.mean(evaluation, projection);
        double[] angles = pca.anglesTo(network.linear2.weight().detach());
        double lr = task.settings().get("lr").getAsDouble();
        return new Linear(
                new LinearMetrics(task.epochs(), lr, run.testLoss(), pcaLoss, angles, pca.eigenvalues()),
                run.reconstructions(),
                Reconstructions.of(evaluation.firstBatch(Reconstructions.SHOWN), projection),
                evaluation.rows(batch -> pca.encode(network.forward(batch.inputs()))),
                evaluation.rows(batch -> pca.encode(batch.inputs())));
    }

    /**
     * Prints the results of problem 5.
     *
     * @param seeds the results of each seed; the first one's are printed in full
     */
    private static void print(List<Result> seeds) {
        Result result = seeds.get(0);
        EmbeddingQuality embedding = result.metrics().embedding();
        LinearMetrics linear = result.metrics().linear();
        System.out.printf("%n%-20s %9s%n", "", "test MSE");
        System.out.printf("%-20s %9.5f%n", "PCA, 2 components", linear.pcaTestLoss());
        System.out.printf(
                "%-20s %9.5f   principal angles to PCA's plane: %.1f° and %.1f°%n",
                "linear autoencoder", linear.testLoss(), linear.angles()[0], linear.angles()[1]);
        System.out.printf("%-20s %9.5f%n", "autoencoder", result.metrics().testLoss());
        System.out.printf(
                "%nembedding: 10-NN accuracy %.1f %%, silhouette %.3f, axis ratio %.2f%n",
                100 * embedding.nearestNeighbourAccuracy(), embedding.silhouette(), embedding.axisRatio());
        System.out.println("digits most confused in it: " + embedding.overlapsInWords());
        if (seeds.size() > 1) {
            System.out.printf(
                    "over %d seeds: test MSE %s, linear autoencoder %s,%n"
                            + "10-NN accuracy %s %% (mean ± standard deviation)%n",
                    seeds.size(),
                    Sample.of(seeds, r -> r.metrics().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> r.metrics().linear().testLoss()).format("%.5f"),
                    Sample.of(seeds, r -> 100 * r.metrics().embedding().nearestNeighbourAccuracy())
                            .format("%.1f"));
        }
    }
}
