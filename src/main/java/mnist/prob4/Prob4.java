package mnist.prob4;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import mnist.evaluation.ConfusionMatrix;
import mnist.runtime.LibTorch;
import mnist.runtime.Tensors;
import mnist.training.EpochMetrics;
import mnist.training.Evaluation;
import mnist.training.RunRecord;
import mnist.training.Trainer;
import mnist.training.TrainingOptions;
import mnist.training.Workbench;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Problem 4: trains, saves, draws and examines the convolutional classifier. */
@Command(
        name = "prob4",
        description = "Trains the convolutional classifier.",
        subcommands = SizeCommand.class,
        synopsisSubcommandLabel = "[size]")
public final class Prob4 implements Callable<Integer> {
    private static final int CLASSES = 10;

    @Mixin
    private final TrainingOptions options =
            new TrainingOptions(/*epochs*/ 5, /*batch size*/ 64, /*learning rate*/ 0.01);

    @Option(
            names = "--momentum",
            paramLabel = "X",
            description = "Momentum of the gradient descent (default: ${DEFAULT-VALUE}).")
    private double momentum = 0.5;

    @Override
    public Integer call() {
        options.require(momentum >= 0 && momentum < 1, "--momentum", momentum, "from 0 to below 1");
        try (Workbench bench = Workbench.open(options, LibTorch.Pool.OPENMP)) {
            Result result = train(bench);
            if (bench.leads()) {
                Prob4Summary.print(result);
                Prob4Figures.save(result, options.figuresDir);
            }
        }
        return 0;
    }

    /**
     * What the classifier came to, in Java values.
     *
     * @param filters the 40 kernels of the first layer, 5×5 weights each
     * @param mistakes test images that were confused, the most frequent confusions first
     */
    record Result(RunRecord record, ConfusionMatrix confusion, float[][] filters, List<Mistake> mistakes) {}

    record Mistake(long truth, long predicted, float[] image) {}

    /**
     * The run record's metrics.
     *
     * @param accuracyInterval 95 % interval after Wilson
     * @param precision of each class; null where nothing was taken for it
     * @param recall of each class; null where no image is of it
     * @param confusion counts; rows are true classes, columns predicted ones
     */
    public record Metrics(
            double testLoss,
            double accuracy,
            ConfusionMatrix.Interval accuracyInterval,
            Double[] precision,
            Double[] recall,
            long[][] confusion) {}

    /** Returns null in a process that only helps to train. */
    private Result train(Workbench bench) {
        System.out.printf("%nCNN%n");
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(options.seed);
            Cnn network = new Cnn();
            bench.place(network);
            SGDOptions sgd = new SGDOptions(options.lr);
            sgd.momentum().put(momentum);
            SGD optimizer = new SGD(network.parameters(), sgd);

            JsonObject settings = options.toJson();
            settings.addProperty("momentum", momentum);
            Trainer trainer = new Trainer(
                    network,
                    optimizer,
                    torch::nll_loss,
                    bench.mnist.train().classification(),
                    bench.mnist.test().classification(),
                    options.batchSize,
                    bench.device);
            List<EpochMetrics> epochs = bench.fit(
                    "mnist_cnn",
                    trainer,
                    options.epochs,
                    settings,
                    () -> Prob4Figures.filters(Tensors.rows(network.conv1.weight())));
            if (!bench.leads()) return null;

            Evaluation evaluation = new Evaluation(network, bench.mnist.test().classification(), bench.device);
            float[][] scores = evaluation.rows(batch -> network.forward(batch.inputs()));
            long[] predicted = Arrays.stream(scores).mapToLong(Prob4::largest).toArray();
            long[] truth = Tensors.longs(bench.mnist.test().labels());
            ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, CLASSES);

            RunRecord record = bench.record("mnist_cnn", settings, epochs, metrics(epochs, confusion));
            bench.save("mnist_cnn", network, record);

            return new Result(
                    record,
                    confusion,
                    Tensors.rows(network.conv1.weight()),
                    mistakes(confusion, truth, predicted, bench));
        }
    }

    private static Metrics metrics(List<EpochMetrics> epochs, ConfusionMatrix confusion) {
        Double[] precision = IntStream.range(0, CLASSES)
                .mapToObj(confusion::precision)
                .map(Prob4::orNull)
                .toArray(Double[]::new);
        Double[] recall = IntStream.range(0, CLASSES)
                .mapToObj(confusion::recall)
                .map(Prob4::orNull)
                .toArray(Double[]::new);
        return new Metrics(
                epochs.get(epochs.size() - 1).testLoss(),
                confusion.accuracy(),
                confusion.accuracyInterval(),
                precision,
                recall,
                confusion.counts());
    }

    /** JSON has no NaN. */
    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /** Collects images of the most frequent confusions, a few of each. */
    private static List<Mistake> mistakes(ConfusionMatrix confusion, long[] truth, long[] predicted, Workbench bench) {
        List<Mistake> mistakes = new ArrayList<>();
        for (ConfusionMatrix.Confusion pair : confusion.confusions()) {
            IntStream.range(0, truth.length)
                    .filter(i -> truth[i] == pair.truth() && predicted[i] == pair.predicted())
                    .limit(4)
                    .forEach(i -> mistakes.add(new Mistake(
                            truth[i],
                            predicted[i],
                            Tensors.floats(bench.mnist.test().images(i, 1)))));
            if (mistakes.size() >= 10) break;
        }
        return mistakes.subList(0, Math.min(10, mistakes.size()));
    }

    private static int largest(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
        return best;
    }
}
