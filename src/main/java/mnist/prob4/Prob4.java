package mnist.prob4;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.nn.Network;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.evaluation.ConfusionMatrix;
import mnist.evaluation.ConfusionMatrix.Confusion;
import mnist.evaluation.ConfusionMatrix.Interval;
import mnist.evaluation.Sample;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.RunRecord;
import mnist.run.Session;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Problem 4: trains, saves, draws and examines the convolutional classifier. */
@Command(name = Prob4.NAME, description = "Trains the convolutional classifier.")
public final class Prob4 extends MnistProblem {
    static final String NAME = "prob4";
    private static final int CLASSES = 10;
    public static final String MODEL = "mnist_cnn";

    @Option(
            names = "--momentum",
            paramLabel = "X",
            description = "Momentum of the gradient descent (default: ${DEFAULT-VALUE}).")
    private double momentum = 0.5;

    public Prob4() {
        super(new TrainingOptions(/*epochs*/ 5, /*batch size*/ 64, /*lr*/ 0.01), LibTorch.Pool.OPENMP, networks());
    }

    /** Returns the suppliers of the problem's networks, by model name. */
    public static Map<String, Supplier<Network>> networks() {
        return Map.of(MODEL, Cnn::new);
    }

    @Override
    public void validate() {
        super.validate();
        options.require(momentum >= 0 && momentum < 1, "--momentum", momentum, "from 0 to below 1");
    }

    @Override
    public Runnable add(Session session) {
        Mnist data = session.data();
        Training<Result> training =
                session.add("CNN", seed -> task(seed, data), Prob4Figures::filters, run -> result(run, data));
        return () -> training.results().stream().findFirst().ifPresent(first -> {
            print(training.results());
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
     * The results of a trained classifier, as Java values.
     *
     * @param filters the 40 kernels of the first layer, 5×5 weights each
     * @param mistakes test images that were confused, the most frequent confusions first
     */
    record Result(RunRecord record, ConfusionMatrix confusion, float[][] filters, List<Mistake> mistakes) {}

    record Mistake(long truth, long predicted, float[] image) {}

    private static Result result(Run<Cnn> run, Mnist data) {
        float[][] classes = run.evaluation()
                .rows(batch -> run.network().forward(batch.inputs()).argmax(new LongOptional(1), /*keepdim*/ true));
        long[] predicted =
                Arrays.stream(classes).mapToLong(row -> (long) row[0]).toArray();
        long[] truth = Tensors.longs(data.test().labels());
        ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, CLASSES);
        RunRecord record = run.save(NAME, confusion.metrics(run.testLoss()));
        List<Mistake> mistakes = confusion
                .mistakes(truth, predicted)
                .mapToObj(i -> new Mistake(
                        truth[i], predicted[i], Tensors.floats(data.test().images(i, 1))))
                .toList();
        return new Result(record, confusion, Tensors.rows(run.network().conv1.weight()), mistakes);
    }

    /**
     * Prints the results of problem 4.
     *
     * @param seeds the results of each seed; the first one's are printed in full
     */
    private static void print(List<Result> seeds) {
        Result result = seeds.get(0);
        ConfusionMatrix confusion = result.confusion();
        Interval interval = confusion.accuracyInterval();
        System.out.printf("%n%-7s %7s %10s %8s%n", "digit", "images", "precision", "recall");
        for (int digit = 0; digit < confusion.counts().length; digit++) {
            System.out.printf(
                    "%-7d %7d %10s %8s%n",
                    digit,
                    confusion.size(digit),
                    percent(confusion.precision(digit)),
                    percent(confusion.recall(digit)));
        }
        System.out.printf(
                "%ntest accuracy %.2f %% (95 %% interval %.2f to %.2f %%), test loss %.5f nats per image%n",
                100 * confusion.accuracy(),
                100 * interval.low(),
                100 * interval.high(),
                result.record().lastEpoch().testLoss());
        confusion.confusions().stream().limit(3).forEach(pair -> System.out.println(words(pair)));
        if (seeds.size() > 1) {
            System.out.printf(
                    "over %d seeds: test accuracy %s %%, test loss %s%n(mean ± standard deviation)%n",
                    seeds.size(),
                    Sample.of(seeds, r -> 100 * r.confusion().accuracy()).format("%.2f"),
                    Sample.of(seeds, r -> r.record().lastEpoch().testLoss()).format("%.5f"));
        }
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "–" : String.format("%.2f %%", 100 * share);
    }

    static String words(Confusion pair) {
        return String.format(
                "%d was taken for %d in %d of its images (%.1f %%)",
                pair.truth(), pair.predicted(), pair.count(), 100 * pair.share());
    }
}
