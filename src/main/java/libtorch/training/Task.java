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
 * What to train, and on what.
 *
 * @param model name of the model, and of its files
 * @param network builds the network; its weights are drawn after {@code manual_seed(seed)}
 * @param optimizer builds the optimizer of the network's parameters
 * @param loss mean loss of outputs and targets, a scalar
 * @param epochs how often the network sees the training examples
 * @param batchSize examples per step; an epoch's last batch may be smaller
 * @param settings everything that determines the result, by the names of the options
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
        JsonObject settings) {}
