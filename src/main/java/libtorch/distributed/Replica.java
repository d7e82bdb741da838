package libtorch.distributed;

import java.util.function.ToDoubleFunction;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Tensor;

/**
 * One of the copies of a network that are trained together, each in a process of its own. The methods' defaults are
 * those of the only one.
 *
 * <p>Where there are others and one of them is lost, every method throws a {@link LostRankException}.
 */
public interface Replica {
    /** Returns this replica's share of a batch. */
    default Batch share(Batch batch) {
        return batch;
    }

    /**
     * Runs the network's forward pass on this replica's share.
     *
     * @throws libtorch.LibTorchException where it calls what cannot be divided among several
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
     * @param loss as it was scaled, after {@code backward()}
     */
    default Tensor batchLoss(Tensor loss) {
        return loss.detach();
    }

    /** Returns the mean over all examples of what is a mean over some. */
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
