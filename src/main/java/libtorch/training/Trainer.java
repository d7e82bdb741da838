package libtorch.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import libtorch.DeviceException;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Generators;
import libtorch.distributed.LostRankException;
import libtorch.distributed.Replica;
import libtorch.nn.Network;
import libtorch.nn.OperatorException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains a network: fit runs epochs, an epoch runs batches, a batch is one step of the optimizer.
 *
 * @param generators for the order of examples and for their noise
 * @param replica the network as one of the copies that are trained together, or the only one
 */
public record Trainer<N extends Network>(
        Task<N> task, N network, Optimizer optimizer, Device device, Generators generators, Replica replica) {
    /** The networks being trained: two threads must not train the same one. */
    private static final Set<Network> IN_TRAINING = ConcurrentHashMap.newKeySet();

    /** Makes a trainer as {@link #of(Task, Device, ScalarType)} does, without moving or converting the network. */
    public static synchronized <N extends Network> Trainer<N> of(Task<N> task) {
        N network = buildSeeded(task);
        return of(task, network, network.device());
    }

    /**
     * Seeds libtorch's default generator, builds the task's network and optimizer, and moves them to a device; training
     * draws from copies of the default generators, made after the weights are drawn. All live in the open scope. It is
     * synchronized: layers draw their weights from the default generator, which all threads share.
     *
     * @throws DeviceException if it is a GPU that cannot be used
     */
    public static synchronized <N extends Network> Trainer<N> of(Task<N> task, Device device, ScalarType type) {
        LibTorch.requireUsable(device);
        N network = buildSeeded(task);
        network.to(device, type, false);
        return of(task, network, device);
    }

    private static <N extends Network> N buildSeeded(Task<N> task) {
        torch.manual_seed(task.seed());
        return task.network().get();
    }

    private static <N extends Network> Trainer<N> of(Task<N> task, N network, Device device) {
        network.requireRegistered();
        Generators generators = Generators.copyOfDefault(device);
        TensorVector parameters = network.parameters();
        if (Arrays.stream(parameters.get()).noneMatch(Tensor::requires_grad))
            throw new IllegalArgumentException(task.model() + " has no parameters to train");
        Optimizer optimizer = task.optimizer().apply(parameters);
        return new Trainer<>(task, network, optimizer, device, generators, Replica.SINGLE);
    }

    /**
     * Returns a trainer that draws from libtorch's default generators, as Python does: the order of examples and
     * dropout then share one stream. For one training at a time.
     */
    public Trainer<N> withDefaultGenerators() {
        return new Trainer<>(task, network, optimizer, device, Generators.defaults(device), replica);
    }

    /** Returns a trainer that trains the network as one of several copies. */
    public Trainer<N> as(Replica replica) {
        return new Trainer<>(task, network, optimizer, device, generators, replica);
    }

    /** Trains from the beginning and returns all epochs. */
    public List<EpochMetrics> fit(TrainingListener... listeners) {
        return fit(TrainingState.START, List.of(listeners));
    }

    /**
     * Trains until the task's epochs are done. If a listener stops it, it throws StoppedException; the network is in
     * eval mode afterwards in any case.
     *
     * @param from the state in which an earlier run stopped
     * @return all epochs, those of the earlier run included
     * @throws StoppedException if a listener of this or another rank stops training
     * @throws LibTorchException if a loss is not finite, or would broadcast outputs and targets of different shapes, or
     *     another rank is lost
     */
    public List<EpochMetrics> fit(TrainingState from, List<? extends TrainingListener> listeners) {
        network.requireOpen();
        if (!IN_TRAINING.add(network))
            throw new IllegalStateException(task.model() + " is being trained already, by another thread");
        try {
            noticeIfUntraceable();
            return trainEpochs(from, listeners);
        } finally {
            network.eval();
            IN_TRAINING.remove(network);
        }
    }

    /** Sends a notice, before hours of training, if only the weights can be saved. */
    private void noticeIfUntraceable() {
        try (PointerScope scope = new PointerScope()) {
            Tensor example = evaluation().firstBatch(1).inputs();
            Generators.defaults(device).unchangedBy(() -> {
                network.requireTraceable(example);
                return example;
            });
        } catch (LibTorchException e) {
            LibTorch.notice(e.getMessage() + "; its weights can be saved, as .pth or .safetensors");
        } catch (RuntimeException e) {
            // the examples do not fit the network, which the first step reports
        }
    }

    private List<EpochMetrics> trainEpochs(TrainingState from, List<? extends TrainingListener> listeners) {
        List<EpochMetrics> epochs = new ArrayList<>(from.epochs());
        TrainingState state = from;
        while (epochs.size() < task.epochs()) {
            try (PointerScope scope = new PointerScope()) {
                epochs.add(trainEpoch(state, listeners));
                state = TrainingState.between(epochs);
            }
            stopIfAsked(state, listeners);
        }
        return epochs;
    }

    /** Trains on every example once, in a random order, or on the rest of an unfinished epoch. */
    private EpochMetrics trainEpoch(TrainingState from, List<? extends TrainingListener> listeners) {
        int batches = Math.toIntExact((task.train().size() + task.batchSize() - 1) / task.batchSize());
        int epoch = from.epochs().size() + 1;
        network.train(true);
        listeners.forEach(listener -> listener.epochStarted(epoch, batches, from.steps()));
        // The losses stay on the device until the epoch is over: reading one would make a GPU wait.
        Tensor order = generators.permutation(task.train().size()).to(device, ScalarType.Long);
        TensorOptions doubles = new TensorOptions(ScalarType.Double).device(new DeviceOptional(device));
        Tensor losses = from.losses() != null ? from.losses() : torch.zeros(new long[] {batches}, doubles);
        for (int i = 0; i < from.steps(); i++) {
            try (PointerScope scope = new PointerScope()) {
                batch(order, i); // draws the random numbers of a batch that an earlier run has trained on
            }
        }
        listeners.forEach(TrainingListener::batchesStarted);
        long start = System.nanoTime();
        TrainingState state = from.after(from.steps(), losses, start);
        try {
            while (state.steps() < batches) {
                trainBatch(order, state.steps(), losses, listeners);
                state = from.after(state.steps() + 1, losses, start);
                stopIfAsked(state, listeners);
            }
            requireFinite(state);
            double[] stepLosses = Tensors.doubles(losses);
            state = from.after(batches, losses, start); // a GPU has finished all steps only now
            EpochMetrics metrics = new EpochMetrics(epoch, mean(stepLosses), testLoss(), state.seconds());
            requireFinite(metrics.testLoss(), "test loss", "after epoch " + epoch);
            listeners.forEach(listener -> listener.epochDone(metrics, stepLosses));
            return metrics;
        } catch (RuntimeException e) {
            if (e instanceof LostRankException lost && !lost.where().isEmpty()) throw lost;
            if (replica.isLost(e)) throw rankLost(state, e, listeners);
            throw e instanceof OperatorException || LibTorch.isNative(e) ? failed(state, batches, e) : e;
        }
    }

    /** Trains on one batch: the five lines of every PyTorch program, for one process and for several. */
    private void trainBatch(Tensor order, int i, Tensor losses, List<? extends TrainingListener> listeners) {
        // Everything a step makes lives in this scope and is freed at its end; the garbage collector, which sees
        // only small Java handles, would let native memory grow.
        try (PointerScope scope = new PointerScope()) {
            Batch batch = replica.share(batch(order, i));
            optimizer.zero_grad();
            Tensor output = replica.forward(network, batch.inputs());
            if (i == 0) requireFitting(batch, output);
            Tensor loss = replica.scale(task.loss().apply(output, batch.targets()));
            loss.backward();
            Tensor batchLoss = replica.batchLoss(loss);
            listeners.forEach(TrainingListener::gradientsComputed);
            optimizer.step();
            losses.select(0, i).copy_(batchLoss);
            for (TrainingListener listener : listeners) listener.batchDone(batchLoss);
        }
    }

    /**
     * Rejects training and test targets that the loss would broadcast. Nothing is computed for the test examples: their
     * outputs have the sizes of the training examples' if the inputs have.
     */
    private void requireFitting(Batch batch, Tensor output) {
        Broadcast.requireNone(task.loss(), "training", output, batch.targets());
        long[] inputs = batch.inputs().shape();
        if (output.dim() == 0 || output.size(0) != inputs[0]) return; // they are not counted by the examples
        long n = Math.min(inputs[0], task.test().size());
        Batch test = evaluation().firstBatch(n);
        long[] testInputs = test.inputs().shape();
        if (Arrays.equals(testInputs, 1, testInputs.length, inputs, 1, inputs.length))
            Broadcast.requireNone(task.loss(), "test", output.narrow(0, 0, n), test.targets());
    }

    private Batch batch(Tensor order, int i) {
        long from = (long) i * task.batchSize();
        long size = Math.min(task.batchSize(), task.train().size() - from);
        return task.train().checkedBatch(order.narrow(0, from, size), generators);
    }

    /** Returns the evaluation of the network on the test set. */
    public Evaluation evaluation() {
        return Evaluation.of(network, task.test(), device, task.batchSize());
    }

    /** Returns the mean loss over the test set; the generators' states are restored. */
    public double testLoss() {
        network.requireOpen();
        try (PointerScope scope = new PointerScope()) {
            return generators.unchangedBy(() -> replica.mean(
                    task.test(),
                    share -> Evaluation.of(network, share, device, task.batchSize())
                            .mean(this::testLoss)));
        }
    }

    private double testLoss(Batch batch) {
        Tensor output = network.forward(batch.inputs());
        Broadcast.requireNone(task.loss(), "test", output, batch.targets());
        return task.loss().apply(output, batch.targets()).item_double();
    }

    /** Returns the mean over the examples; the last batch may hold fewer than the others. */
    private double mean(double[] stepLosses) {
        double sum = 0;
        for (int i = 0; i < stepLosses.length; i++) {
            sum += stepLosses[i] * Math.min(task.batchSize(), task.train().size() - (long) i * task.batchSize());
        }
        return sum / task.train().size();
    }

    private void stopIfAsked(TrainingState state, List<? extends TrainingListener> listeners) {
        int stop = 0;
        for (TrainingListener listener : listeners) stop = Math.max(stop, listener.stop());
        try {
            stop = replica.max(stop);
        } catch (LostRankException e) {
            throw rankLost(state, e, listeners);
        }
        if (stop == 0) return;
        requireFinite(state);
        listeners.forEach(listener -> listener.stopped(state));
        throw new StoppedException("after " + state, stop);
    }

    private static LostRankException rankLost(
            TrainingState state, RuntimeException e, List<? extends TrainingListener> listeners) {
        requireFinite(state); // a checkpoint of a run that diverged would replace a good one
        listeners.forEach(listener -> listener.rankLost(state));
        return new LostRankException("after " + state, e);
    }

    private static LibTorchException failed(TrainingState state, int batches, RuntimeException e) {
        int epoch = state.epochs().size() + 1;
        String where = state.steps() == batches
                ? "evaluation failed after epoch " + epoch
                : "training failed at step " + (state.steps() + 1) + " of epoch " + epoch;
        return new LibTorchException(
                where + " (" + LibTorch.firstLine(e) + ")",
                "see that the examples, the last and smaller batch too, fit the network and the loss",
                e);
    }

    private static void requireFinite(TrainingState state) {
        if (state.losses() == null) return;
        double[] losses = Tensors.doubles(state.losses());
        for (int i = 0; i < losses.length; i++) {
            int epoch = state.epochs().size() + 1;
            requireFinite(losses[i], "loss", String.format("at step %d of epoch %d", i + 1, epoch));
        }
    }

    private static void requireFinite(double loss, String name, String where) {
        if (Double.isFinite(loss)) return;
        throw new DivergedException(String.format("the %s became %s %s", name, loss, where));
    }
}
