package mnist.run;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.data.Examples;
import libtorch.nn.Network;
import libtorch.training.Task;
import mnist.data.Mnist;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import picocli.CommandLine.Mixin;

/** A problem of the exercise: trains networks on MNIST, saves them, prints a table and draws figures. */
public abstract class MnistProblem implements Problem, Callable<Integer> {
    @Mixin
    public final TrainingOptions options;

    @Mixin
    public final MnistOptions.Training mnist = new MnistOptions.Training();

    private final LibTorch.Pool pool;
    private final Map<String, Supplier<Network>> networks;

    /**
     * @param options with the problem's defaults
     * @param pool which has the threads, where a network has several
     * @param networks builds the networks of the problem's models, by the names of their files
     */
    protected MnistProblem(TrainingOptions options, LibTorch.Pool pool, Map<String, Supplier<Network>> networks) {
        this.options = options;
        this.pool = pool;
        this.networks = networks;
    }

    @Override
    public final Set<String> models() {
        return networks.keySet();
    }

    /** Refuses values that no run can use, as wrong usage. */
    public void validate() {
        options.validate();
        mnist.validate();
    }

    /**
     * Adds the problem's networks to a session.
     *
     * @return what is to be done when they are trained: prints the table and draws the figures
     */
    public abstract Runnable add(Session<Mnist> session);

    /** Makes a task with the command's options. */
    protected final <N extends Network> Task<N> task(
            String model,
            Supplier<N> network,
            Function<TensorVector, Optimizer> optimizer,
            BinaryOperator<Tensor> loss,
            Examples train,
            Examples test,
            long seed) {
        return Task.of(model, network, optimizer, loss, train, test)
                .withSeed(seed)
                .withEpochs(options.epochs)
                .withBatchSize(options.batchSize)
                .withSettings(options.settings(seed, mnist));
    }

    @Override
    public final Integer call() {
        validate();
        if (options.summary) return Summary.print(networks, Mnist.IMAGE);
        try (Session<Mnist> session = Session.open(options, pool, mnist::load)) {
            Runnable results = add(session);
            session.run();
            results.run();
            session.draw(options.figuresDir);
        }
        return 0;
    }
}
