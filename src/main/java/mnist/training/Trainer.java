package mnist.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import mnist.data.Batch;
import mnist.data.Examples;
import mnist.distributed.LostRankException;
import mnist.distributed.Replica;
import mnist.runtime.Tensors;
import mnist.runtime.UserError;
import mnist.torchscript.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Trains a network: fit runs epochs, an epoch runs batches, a batch is one step of the optimizer.
 *
 * @param loss mean loss of outputs and targets, a scalar
 * @param batchSize examples a step; an epoch's last batch may be smaller
 * @param replica the network, as one of the copies that learn from a batch
 */
public record Trainer(
        Network network,
        Optimizer optimizer,
        BinaryOperator<Tensor> loss,
        Examples train,
        Examples test,
        int batchSize,
        Device device,
        Replica replica) {
    /** Trains the only copy of a network. */
    public Trainer(
            Network network,
            Optimizer optimizer,
            BinaryOperator<Tensor> loss,
            Examples train,
            Examples test,
            int batchSize,
            Device device) {
        this(network, optimizer, loss, train, test, batchSize, device, Replica.ALONE);
    }

    /** Returns a trainer that trains the network as one of several copies. */
    Trainer as(Replica copy) {
        return new Trainer(network, optimizer, loss, train, test, batchSize, device, copy);
    }

    /** Trains from the beginning until so many epochs are done, and returns them. */
    public List<EpochMetrics> fit(int epochs, TrainingListener listener) {
        return fit(RunState.between(List.of()), epochs, listener);
    }

    /**
     * Trains until so many epochs are done.
     *
     * @param from where an earlier run stopped
     * @return all epochs
     * @throws StoppedException where the listener, or that of another copy, wants the run to end early
     * @throws UserError where the loss stops being a number, or another copy was lost
     */
    List<EpochMetrics> fit(RunState from, int epochs, TrainingListener listener) {
        List<EpochMetrics> history = new ArrayList<>(from.epochs());
        RunState state = from;
        while (history.size() < epochs) {
            try (PointerScope scope = new PointerScope()) {
                history.add(trainEpoch(state, listener));
                state = RunState.between(history);
            }
            stopIfWanted(state, listener);
        }
        return history;
    }

    /** Shows the network every training example once, in a random order; or those that an epoch under way has left. */
    private EpochMetrics trainEpoch(RunState from, TrainingListener listener) {
        int batches = Math.toIntExact((train.size() + batchSize - 1) / batchSize);
        int epoch = from.epochs().size() + 1;
        listener.epochStarted(epoch, batches, from.steps());
        // The losses stay on the device until the epoch is over: reading one would make a GPU wait.
        Tensor order = torch.randperm(train.size()).to(device, ScalarType.Long);
        Tensor losses = from.inEpoch()
                ? from.losses()
                : torch.zeros(
                        new long[] {batches}, new TensorOptions(ScalarType.Double).device(new DeviceOptional(device)));
        for (int i = 0; i < from.steps(); i++) drawBatch(order, i);
        long start = System.nanoTime();
        RunState state = from.after(from.steps(), losses, start);
        try {
            while (state.steps() < batches) {
                trainBatch(order, state.steps(), losses, listener);
                state = from.after(state.steps() + 1, losses, start);
                stopIfWanted(state, listener);
            }
            requireFinite(state);
            double[] stepLosses = Tensors.doubles(losses);
            EpochMetrics metrics = new EpochMetrics(epoch, mean(stepLosses), evaluate(), state.seconds());
            listener.epochDone(metrics, stepLosses);
            return metrics;
        } catch (LostRankException e) {
            throw lost(state, e, listener);
        }
    }

    private void stopIfWanted(RunState state, TrainingListener listener) {
        int exitStatus;
        try {
            exitStatus = replica.agreed(listener.exitWanted());
        } catch (LostRankException e) {
            throw lost(state, e, listener);
        }
        if (exitStatus == 0) return;
        requireFinite(state);
        listener.stopped(state);
        throw new StoppedException(state, exitStatus);
    }

    private static UserError lost(RunState state, LostRankException e, TrainingListener listener) {
        requireFinite(state); // a checkpoint of a run that diverged would replace a good one
        listener.lost(state);
        return new UserError(
                "the exchange with the other ranks failed after " + state + " (" + e.getMessage() + ")",
                "the same command with --resume goes on from there, with any number of ranks",
                e);
    }

    /** Draws the random numbers of a batch that an earlier run has learned from. */
    private void drawBatch(Tensor order, int i) {
        try (PointerScope scope = new PointerScope()) {
            batch(order, i);
        }
    }

    private Batch batch(Tensor order, int i) {
        long from = (long) i * batchSize;
        return train.batch(order.narrow(0, from, Math.min(batchSize, train.size() - from)));
    }

    private void trainBatch(Tensor order, int i, Tensor losses, TrainingListener listener) {
        // Everything a step makes lives in this scope and is freed at its end; the garbage collector, which sees
        // only small Java handles, would let native memory grow.
        try (PointerScope scope = new PointerScope()) {
            optimizer.zero_grad();
            Tensor batchLoss = replica.backward(
                    batch(order, i), batch -> loss.apply(network.forward(batch.inputs()), batch.targets()));
            optimizer.step();
            losses.select(0, i).copy_(batchLoss);
            listener.batchDone(batchLoss);
        }
    }

    /** Returns the mean loss over the test set. */
    public double evaluate() {
        return replica.mean(
                test,
                share -> new Evaluation(network, share, device)
                        .mean(batch -> loss.apply(network.forward(batch.inputs()), batch.targets())
                                .item_double()));
    }

    /** Returns the mean over the examples; the last batch may hold fewer than the others. */
    double mean(double[] stepLosses) {
        double sum = 0;
        for (int i = 0; i < stepLosses.length; i++) {
            sum += stepLosses[i] * Math.min(batchSize, train.size() - (long) i * batchSize);
        }
        return sum / train.size();
    }

    private static void requireFinite(RunState state) {
        if (!state.inEpoch()) return;
        double[] losses = Tensors.doubles(state.losses());
        for (int i = 0; i < losses.length; i++) {
            if (!Double.isFinite(losses[i])) {
                throw new UserError(
                        String.format(
                                "the loss became %s at step %d of epoch %d",
                                losses[i], i + 1, state.epochs().size() + 1),
                        "try a smaller --lr");
            }
        }
    }
}
