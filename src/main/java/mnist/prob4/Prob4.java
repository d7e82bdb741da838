package mnist.prob4;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.nn.Network;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import mnist.data.ImageSet;
import mnist.data.Mnist;
import mnist.evaluation.ConfusionMatrix;
import mnist.run.FigureOptions;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Training;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Problem 4: trains, saves, draws and examines the convolutional classifier. */
@Command(
        name = "prob4",
        description = "Trains the convolutional classifier.",
        subcommands = SizeCommand.class,
        synopsisSubcommandLabel = "[size]")
public final class Prob4 extends MnistProblem {
    private static final int CLASSES = 10;
    public static final String MODEL = "mnist_cnn";

    @Option(
            names = "--momentum",
            paramLabel = "X",
            description = "Momentum of the gradient descent (default: ${DEFAULT-VALUE}).")
    private double momentum = 0.5;

    public Prob4() {
        super(new FigureOptions(/*epochs*/ 5, /*batch size*/ 64, /*lr*/ 0.01), LibTorch.Pool.OPENMP, networks());
    }

    /** Returns what builds the networks of the problem's models, by the names of their files. */
    public static Map<String, Supplier<Network>> networks() {
        return Map.of(MODEL, Cnn::new);
    }

    @Override
    public void validate() {
        super.validate();
        options.require(momentum >= 0 && momentum < 1, "--momentum", momentum, "from 0 to below 1");
    }

    @Override
    public Runnable add(Session<Mnist> session) {
        Mnist data = session.data();
        Training<Result> training =
                session.add("CNN", seed -> task(seed, data), Prob4Figures::filters, run -> result(run, data));
        return () -> training.results().stream().findFirst().ifPresent(first -> {
            Prob4Summary.print(training.results());
            Prob4Figures.save(first, options.figuresDir);
        });
    }

    private Task<Cnn> task(long seed, Mnist data) {
        Task<Cnn> task = task(
                MODEL,
                Cnn::new,
                Optimizers.sgd(options.lr, momentum, /*weight decay*/ 0),
                torch::nll_loss,
                data.train().classification(),
                data.test().classification(),
                seed);
        task.settings().addProperty("momentum", momentum);
        return task;
    }

    /**
     * The trained classifier, in Java values.
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
     * @param precision per class; null where no image was classified as it
     * @param recall per class; null where no image is of it
     * @param confusion counts; rows are true classes, columns predicted ones
     */
    public record Metrics(
            double testLoss,
            double accuracy,
            ConfusionMatrix.Interval accuracyInterval,
            Double[] precision,
            Double[] recall,
            long[][] confusion) {
        static Metrics of(double testLoss, ConfusionMatrix confusion) {
            return new Metrics(
                    testLoss,
                    confusion.accuracy(),
                    confusion.accuracyInterval(),
                    perClass(confusion::precision),
                    perClass(confusion::recall),
                    confusion.counts());
        }

        private static Double[] perClass(IntToDoubleFunction share) {
            return IntStream.range(0, CLASSES)
                    .mapToDouble(share)
                    .mapToObj(value -> Double.isNaN(value) ? null : (Double) value) // JSON has no NaN
                    .toArray(Double[]::new);
        }
    }

    private static Result result(Run<Cnn> run, Mnist data) {
        float[][] scores = run.evaluation().rows(batch -> run.network().forward(batch.inputs()));
        long[] predicted = Arrays.stream(scores).mapToLong(Prob4::largest).toArray();
        long[] truth = Tensors.longs(data.test().labels());
        ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, CLASSES);
        RunRecord record = run.save(Metrics.of(run.testLoss(), confusion));
        return new Result(
                record,
                confusion,
                Tensors.rows(run.network().conv1.weight()),
                mistakes(confusion, truth, predicted, data.test()));
    }

    /** Collects images of the most frequent confusions, a few of each. */
    private static List<Mistake> mistakes(ConfusionMatrix confusion, long[] truth, long[] predicted, ImageSet test) {
        List<Mistake> mistakes = new ArrayList<>();
        for (ConfusionMatrix.Confusion pair : confusion.confusions()) {
            IntStream.range(0, truth.length)
                    .filter(i -> truth[i] == pair.truth() && predicted[i] == pair.predicted())
                    .limit(4)
                    .forEach(i -> mistakes.add(new Mistake(truth[i], predicted[i], Tensors.floats(test.images(i, 1)))));
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
