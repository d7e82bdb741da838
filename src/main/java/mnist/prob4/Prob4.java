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
        super(new TrainingOptions(/*epochs*/ 5, /*batch size*/ 64, /*lr*/ 0.01), LibTorch.Pool.OPENMP, networks());
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

    private static Result result(Run<Cnn> run, Mnist data) {
        float[][] classes = run.evaluation()
                .rows(batch -> run.network().forward(batch.inputs()).argmax(new LongOptional(1), /*keepdim*/ true));
        long[] predicted =
                Arrays.stream(classes).mapToLong(row -> (long) row[0]).toArray();
        long[] truth = Tensors.longs(data.test().labels());
        ConfusionMatrix confusion = ConfusionMatrix.of(truth, predicted, CLASSES);
        RunRecord record = run.save(confusion.metrics(run.testLoss()));
        List<Mistake> mistakes = confusion.mistakes(truth, predicted).stream()
                .map(m -> new Mistake(
                        m.truth(), m.predicted(), Tensors.floats(data.test().images(m.example(), 1))))
                .toList();
        return new Result(record, confusion, Tensors.rows(run.network().conv1.weight()), mistakes);
    }
}
