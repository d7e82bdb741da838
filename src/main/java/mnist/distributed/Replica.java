package mnist.distributed;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import mnist.data.Batch;
import mnist.data.Examples;
import org.bytedeco.pytorch.Tensor;

/**
 * A copy of a network that learns from every batch, whether it sees all of it or other processes help.
 *
 * <p>Where others are needed and lost, every method throws a {@link LostRankException}.
 */
public interface Replica {
    /**
     * Adds the gradients of a batch's mean loss to those of the parameters.
     *
     * @param meanLoss of the examples of a batch, a scalar
     * @return the loss of the whole batch, a scalar
     */
    Tensor backward(Batch batch, Function<Batch, Tensor> meanLoss);

    /** Returns the mean over all examples of what is a mean over some. */
    double mean(Examples examples, ToDoubleFunction<Examples> mean);

    /** Returns the largest of the exit statuses that the processes wish for; 0 where all want to go on. */
    int agreed(int exitStatus);

    /** The only copy. */
    Replica ALONE = new Replica() {
        @Override
        public Tensor backward(Batch batch, Function<Batch, Tensor> meanLoss) {
            Tensor loss = meanLoss.apply(batch);
            loss.backward();
            return loss.detach();
        }

        @Override
        public double mean(Examples examples, ToDoubleFunction<Examples> mean) {
            return mean.applyAsDouble(examples);
        }

        @Override
        public int agreed(int exitStatus) {
            return exitStatus;
        }
    };
}
