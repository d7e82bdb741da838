package libtorch.distributed;

import java.util.function.ToDoubleFunction;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Tensor;

/**
 * One of the replicas of a network that are trained together, each in a process of its own. The default methods are
 * those of a single process.
 *
 * <p>If another replica is lost, every method throws a {@link LostRankException}.
 */
public interface Replica {
    /** Returns this replica's share of a batch. */
    default Batch share(Batch batch) {
        return batch;
    }

    /**
     * Runs the network's forward pass on this replica's share.
     *
     * @throws libtorch.LibTorchException if it calls an operator that cannot be divided among replicas
     */
    default Tensor forward(Network network, Tensor inputs) {
        return network.forward(inputs);
    }

    /**
     * Scales the mean loss of this replica's share, so that after {@code backward()} the parameters have the gradients
     * of the whole batch's mean loss.
     */
    default Tensor scale(Tensor loss) {
        return loss;
    }

    /**
     * Returns the mean loss of the whole batch, a scalar.
     *
     * @param loss the scaled loss, after {@code backward()}
     */
    default Tensor batchLoss(Tensor loss) {
        return loss.detach();
    }

    /** Returns the mean over all examples, from the means over the replicas' shares. */
    default double mean(Examples examples, ToDoubleFunction<Examples> mean) {
        return mean.applyAsDouble(examples);
    }

    /** Returns the largest of the replicas' numbers. */
    default int max(int number) {
        return number;
    }

    /** Returns whether an exception, also one from {@code backward()}, means that another replica is lost. */
    default boolean isLost(RuntimeException e) {
        return false;
    }

    /** Trains in a single process. */
    Replica SINGLE = new Replica() {};
}
