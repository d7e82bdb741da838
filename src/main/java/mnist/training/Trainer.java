package mnist.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import mnist.data.Batch;
import mnist.data.Examples;
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
 */
public record Trainer(Network network, Optimizer optimizer, BinaryOperator<Tensor> loss, Examples train, Examples test,
        int batchSize, Device device) {
    /** Trains from the beginning until so many epochs are done, and returns them. */
    public List<EpochMetrics> fit(int epochs, TrainingListener listener) {
        return fit(RunState.between(List.of()), epochs, listener);
    }

    /**
     * Trains until so many epochs are done.
     *
     * @param from where an earlier run stopped
     * @return all epochs
     * @throws StoppedException where the listener wants the run to end early
     */
    List<EpochMetrics> fit(RunState from, int epochs, TrainingListener listener) {
        List<EpochMetrics> history = new ArrayList<>(from.epochs());
        RunState state = from;
        while (history.size() < epochs) {
            int epoch = history.size() + 1;
            try (PointerScope scope = new PointerScope()) {
                state = trainEpoch(state, listener);
                double[] stepLosses = Tensors.doubles(state.losses());
                EpochMetrics metrics = new EpochMetrics(epoch, mean(stepLosses), evaluate(), state.seconds());
                listener.epochDone(metrics, stepLosses);
                history.add(metrics);
                state = RunState.between(history);
            }
            stopIfWanted(state, listener);
        }
        return history;
    }

    /**
     * Shows the network every training example once, in a random order; or those that an epoch under way has left.
     *
     * @return the state after the last step
     * @throws UserError where the loss stops being a number
     */
    RunState trainEpoch(RunState from, TrainingListener listener) {
        int batches = Math.toIntExact((train.size() + batchSize - 1) / batchSize);
        listener.epochStarted(from.epochs().size() + 1, batches, from.steps());
        // The losses stay on the device until the epoch is over: reading one would make a GPU wait.
        Tensor order = from.inEpoch() ? from.order() : torch.randperm(train.size()).to(device, ScalarType.Long);
        Tensor losses = from.inEpoch() ? from.losses()
                : torch.zeros(new long[] {batches}, new TensorOptions(ScalarType.Double).device(new DeviceOptional(device)));
        long start = System.nanoTime();
        for (int i = from.steps(); i < batches; i++) {
            trainBatch(order, i, losses, listener);
            stopIfWanted(after(i + 1, from, order, losses, start), listener);
        }
        RunState done = after(batches, from, order, losses, start);
        requireFinite(done);
        return done;
    }

    private static RunState after(int steps, RunState from, Tensor order, Tensor losses, long start) {
        return new RunState(from.epochs(), order, losses, steps, from.seconds() + (System.nanoTime() - start) / 1e9);
    }

    private static void stopIfWanted(RunState state, TrainingListener listener) {
        int exitStatus = listener.exitWanted();
        if (exitStatus == 0) return;
        if (state.inEpoch()) requireFinite(state);
        listener.stopped(state);
        throw new StoppedException(state, exitStatus);
    }

    private void trainBatch(Tensor order, int i, Tensor losses, TrainingListener listener) {
        // Everything a step makes lives in this scope and is freed at its end; the garbage collector, which sees
        // only small Java handles, would let native memory grow.
        try (PointerScope scope = new PointerScope()) {
            long from = (long) i * batchSize;
            Batch batch = train.batch(order.narrow(0, from, Math.min(batchSize, train.size() - from)));
            optimizer.zero_grad();
            Tensor batchLoss = loss.apply(network.forward(batch.inputs()), batch.targets());
            batchLoss.backward();
            optimizer.step();
            losses.select(0, i).copy_(batchLoss.detach());
            listener.batchDone(batchLoss);
        }
    }

    /** Returns the mean loss over the test set. */
    public double evaluate() {
        return new Evaluation(network, test, device).mean(
                batch -> loss.apply(network.forward(batch.inputs()), batch.targets()).item_double());
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
        double[] losses = Tensors.doubles(state.losses());
        for (int i = 0; i < losses.length; i++) {
            if (!Double.isFinite(losses[i])) {
                throw new UserError(String.format("the loss became %s at step %d of epoch %d", losses[i], i + 1, state.epochs().size() + 1),
                        "try a smaller --lr");
            }
        }
    }
}
