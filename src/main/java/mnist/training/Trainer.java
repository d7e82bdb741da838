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
    /**
     * Trains until so many epochs are done.
     *
     * @param before epochs that were done already, in an earlier run
     * @return all epochs
     */
    public List<EpochMetrics> fit(List<EpochMetrics> before, int epochs, TrainingListener listener) {
        List<EpochMetrics> history = new ArrayList<>(before);
        for (int epoch = before.size() + 1; epoch <= epochs; epoch++) {
            long start = System.nanoTime();
            double[] stepLosses = trainEpoch(epoch, listener);
            double seconds = (System.nanoTime() - start) / 1e9;
            EpochMetrics metrics = new EpochMetrics(epoch, mean(stepLosses), evaluate(), seconds);
            listener.epochDone(metrics, stepLosses);
            history.add(metrics);
        }
        return history;
    }

    /**
     * Shows the network every training example once, in a random order, and returns the loss of each step.
     *
     * @throws UserError where the loss stops being a number
     */
    double[] trainEpoch(int epoch, TrainingListener listener) {
        int batches = Math.toIntExact((train.size() + batchSize - 1) / batchSize);
        listener.epochStarted(epoch, batches);
        try (PointerScope scope = new PointerScope()) {
            Tensor order = torch.randperm(train.size()).to(device, ScalarType.Long);
            // The losses stay on the device until the epoch is over: reading one would make a GPU wait.
            Tensor losses = torch.zeros(new long[] {batches}, new TensorOptions(ScalarType.Double).device(new DeviceOptional(device)));
            for (int i = 0; i < batches; i++) {
                trainBatch(order, i, losses);
                listener.batchDone();
            }
            return finite(Tensors.doubles(losses), epoch);
        }
    }

    private void trainBatch(Tensor order, int i, Tensor losses) {
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

    private static double[] finite(double[] losses, int epoch) {
        for (int i = 0; i < losses.length; i++) {
            if (!Double.isFinite(losses[i])) {
                throw new UserError(String.format("the loss became %s at step %d of epoch %d", losses[i], i + 1, epoch),
                        "try a smaller --lr");
            }
        }
        return losses;
    }
}
