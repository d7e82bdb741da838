package libtorch.training;

import java.util.function.Function;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;

/**
 * Factories for the optimizers of torch.optim. Throws an IllegalArgumentException if a setting is negative or not
 * finite.
 */
public final class Optimizers {
    private Optimizers() {}

    /** Returns stochastic gradient descent with momentum. */
    public static Function<TensorVector, Optimizer> sgd(double lr, double momentum, double weightDecay) {
        require(lr, momentum, weightDecay);
        return parameters -> {
            SGDOptions options = new SGDOptions(lr);
            options.momentum().put(momentum);
            options.weight_decay().put(weightDecay);
            return new SGD(parameters, options);
        };
    }

    /** Returns Adam with the default betas, 0.9 and 0.999. */
    public static Function<TensorVector, Optimizer> adam(double lr) {
        return adam(lr, 0);
    }

    /** Returns Adam with weight decay as an L2 penalty, which is added to the gradients. */
    public static Function<TensorVector, Optimizer> adam(double lr, double weightDecay) {
        require(lr, 0, weightDecay);
        return parameters -> {
            AdamOptions options = new AdamOptions(lr);
            options.weight_decay().put(weightDecay);
            return new Adam(parameters, options);
        };
    }

    /** Returns AdamW, with weight decay decoupled from the gradients. */
    public static Function<TensorVector, Optimizer> adamW(double lr, double weightDecay) {
        require(lr, 0, weightDecay);
        return parameters -> {
            AdamWOptions options = new AdamWOptions(lr);
            options.weight_decay().put(weightDecay);
            return new AdamW(parameters, options);
        };
    }

    private static void require(double lr, double momentum, double weightDecay) {
        for (double setting : new double[] {lr, momentum, weightDecay})
            if (!Double.isFinite(setting) || setting < 0)
                throw new IllegalArgumentException("an optimizer cannot have a learning rate of " + lr
                        + ", a momentum of " + momentum + " and a weight decay of " + weightDecay);
    }
}
