package libtorch.training;

import com.google.gson.JsonObject;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import libtorch.data.Examples;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * A training task: a network, its optimizer and loss, and the examples.
 *
 * @param model name of the model, and of its files
 * @param network builds the network; its weights are drawn after {@code manual_seed(seed)}
 * @param optimizer builds the optimizer of the network's parameters; {@link Optimizers} has some
 * @param loss returns a scalar, the mean over the batch, from the outputs of forward and the batch's targets, as {@code
 *     torch::mse_loss}; a network with several outputs joins them with {@link libtorch.nn.Activation#cat}, and the loss
 *     splits them
 * @param epochs passes over the training examples
 * @param batchSize examples per step; an epoch's last batch may be smaller
 * @param settings everything that determines the result, by name: a checkpoint with other settings is rejected
 */
public record Task<N extends Network>(
        String model,
        Supplier<N> network,
        Function<TensorVector, Optimizer> optimizer,
        BinaryOperator<Tensor> loss,
        Examples train,
        Examples test,
        long seed,
        int epochs,
        int batchSize,
        JsonObject settings) {
    /** @throws IllegalArgumentException if there are no examples, epochs is negative, or batchSize is less than 1 */
    public Task {
        if (train.size() < 1) throw new IllegalArgumentException(model + " has no training examples");
        if (test.size() < 1) throw new IllegalArgumentException(model + " has no test examples");
        if (epochs < 0) throw new IllegalArgumentException(model + " cannot be trained for " + epochs + " epochs");
        if (batchSize < 1) throw new IllegalArgumentException(model + " cannot have batches of " + batchSize);
    }

    /** Makes a task with seed 1, 10 epochs and batches of 128. */
    public static <N extends Network> Task<N> of(
            String model,
            Supplier<N> network,
            Function<TensorVector, Optimizer> optimizer,
            BinaryOperator<Tensor> loss,
            Examples train,
            Examples test) {
        return new Task<>(model, network, optimizer, loss, train, test, 1, 10, 128, new JsonObject());
    }

    /** Returns the task with another seed. */
    public Task<N> withSeed(long seed) {
        return new Task<>(model, network, optimizer, loss, train, test, seed, epochs, batchSize, settings);
    }

    /** Returns the task with another number of epochs. */
    public Task<N> withEpochs(int epochs) {
        return new Task<>(model, network, optimizer, loss, train, test, seed, epochs, batchSize, settings);
    }

    /** Returns the task with another number of examples per step. */
    public Task<N> withBatchSize(int batchSize) {
        return new Task<>(model, network, optimizer, loss, train, test, seed, epochs, batchSize, settings);
    }

    /** Returns the task with a description of everything that determines its result. */
    public Task<N> withSettings(JsonObject settings) {
        return new Task<>(model, network, optimizer, loss, train, test, seed, epochs, batchSize, settings);
    }
}
