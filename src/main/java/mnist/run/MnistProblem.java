package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.data.Examples;
import libtorch.nn.LayerSummary;
import libtorch.nn.Network;
import libtorch.training.Task;
import mnist.data.Mnist;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A problem of the exercise: trains networks on MNIST, saves them, prints a table and draws figures. */
public abstract class MnistProblem implements Callable<Integer> {
    @Mixin
    public final TrainingOptions options;

    @Mixin
    public final MnistOptions.Training mnist = new MnistOptions.Training();

    /** Additional measurements of the networks for the report; null for none. */
    public Session.@Nullable Study study;

    private final LibTorch.Pool pool;
    private final Map<String, Supplier<Network>> networks;

    /**
     * @param options with the problem's defaults
     * @param pool the thread pool of a network that trains on several threads
     * @param networks suppliers of the problem's networks, by model name
     */
    protected MnistProblem(TrainingOptions options, LibTorch.Pool pool, Map<String, Supplier<Network>> networks) {
        this.options = options;
        this.pool = pool;
        this.networks = networks;
    }

    /** Returns whether the problem trains this model. */
    final boolean trains(String model) {
        return networks.containsKey(model);
    }

    /** Refuses invalid values, as wrong usage. */
    public void validate() {
        options.validate();
        mnist.validate();
    }

    /**
     * Adds the problem's networks to a session.
     *
     * @return prints the table and draws the figures; to be run after the training
     */
    public abstract Runnable add(Session session);

    /** Creates a task with the command's options. */
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
        if (options.summary) {
            printSummary();
            return 0;
        }
        try (Session session = new Session(options, pool, mnist.loader(), study)) {
            Runnable results = add(session);
            session.run();
            results.run();
            session.draw(options.figuresDir);
        }
        return 0;
    }

    /** Prints the layers of each network once, under the names of its models. */
    private void printSummary() {
        LibTorch.load(1);
        Map<List<LayerSummary>, List<String>> named = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            networks.forEach((model, network) -> named.computeIfAbsent(
                            LayerSummary.of(network.get(), Mnist.IMAGE), rows -> new ArrayList<>())
                    .add(model));
        }
        named.forEach((rows, names) -> print(String.join(", ", names), rows));
    }

    private static void print(String names, List<LayerSummary> rows) {
        System.out.println(names);
        print("layer", "operator", "output", "parameters", "multiply-adds");
        rows.forEach(row ->
                print(row.layer(), row.operator(), row.shape(), count(row.parameters()), count(row.multiplyAdds())));
        long total = rows.stream().mapToLong(LayerSummary::parameters).sum();
        long work = rows.stream().mapToLong(LayerSummary::multiplyAdds).sum();
        System.out.printf(
                "%,d parameters, %,d bytes as float32; %,d multiply-adds an example%n%n",
                total, Float.BYTES * total, work);
    }

    private static void print(String layer, String operator, String output, String parameters, String work) {
        System.out.printf("%-10s %-20s %-14s %12s %14s%n", layer, operator, output, parameters, work);
    }

    private static String count(long count) {
        return count == 0 ? "" : String.format("%,d", count);
    }
}
