package mnist.run;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import libtorch.training.Optimizers;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options for training an exported program. */
public final class ProgramOptions extends LoopOptions {
    /** The loss function. */
    @SuppressWarnings("ImmutableEnumChecker") // the functions have no state, which the checker cannot know
    public enum Loss {
        // Lambdas: creating method references would load libtorch, also for --help
        CROSS_ENTROPY("cross-entropy", (x, y) -> torch.cross_entropy_loss(x, y)),
        NLL("nll", (x, y) -> torch.nll_loss(x, y)),
        MSE("mse", (x, y) -> torch.mse_loss(x, y)),
        L1("l1", (x, y) -> torch.l1_loss(x, y));

        private final String name;

        /** Computes the mean loss: per example if targets are classes, else per element. */
        final BinaryOperator<Tensor> function;

        Loss(String name, BinaryOperator<Tensor> function) {
            this.name = name;
            this.function = function;
        }

        /** Returns whether targets are class indices. */
        boolean ofClasses() {
            return this == CROSS_ENTROPY || this == NLL;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The optimizer. */
    public enum Rule {
        sgd,
        adam,
        adamw
    }

    /** The targets for MNIST's images. */
    public enum Target {
        labels,
        images
    }

    @Option(
            names = "--data",
            paramLabel = "DATA.safetensors",
            description = "Tensors inputs and targets, and for the test loss test_inputs and test_targets; without"
                    + " those it is measured on the training examples (default: MNIST).")
    public transient @Nullable Path data;

    @Option(
            names = "--target",
            description = "What to learn of MNIST's images: ${COMPLETION-CANDIDATES} (default: labels).")
    public @Nullable Target target;

    @Option(
            names = "--loss",
            description = "One of ${COMPLETION-CANDIDATES} (default: cross-entropy for classes, mse for numbers).")
    public @Nullable Loss loss;

    @Option(names = "--optimizer", description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    public Rule optimizer = Rule.adam;

    @Option(names = "--momentum", paramLabel = "X", description = "Momentum of sgd (default: 0).")
    public @Nullable Double momentum;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            description = "Weight decay (default: as in PyTorch, 0.01 for adamw, else 0).")
    public @Nullable Double weightDecay;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description = "Leave parameters of these names as they are, as layer1.*; may be repeated.")
    public List<String> freeze = List.of();

    public ProgramOptions() {
        super(/*epochs*/ 5, /*batch size*/ 64, /*lr*/ 1e-3);
    }

    @Override
    public void validate() {
        super.validate();
        require(momentum == null || optimizer == Rule.sgd, "--momentum", momentum, "left out but for sgd");
        require(momentum == null || (momentum >= 0 && momentum < 1), "--momentum", momentum, "from 0 to below 1");
        require(
                weightDecay == null || (weightDecay >= 0 && Double.isFinite(weightDecay)),
                "--weight-decay",
                weightDecay,
                "0 or more");
        require(data == null || target == null, "--target", target, "left out with --data");
    }

    Function<TensorVector, Optimizer> optimizer() {
        double decay = weightDecay != null ? weightDecay : optimizer == Rule.adamw ? 0.01 : 0; // as in PyTorch
        return switch (optimizer) {
            case sgd -> Optimizers.sgd(lr, momentum != null ? momentum : 0, decay);
            case adam -> Optimizers.adam(lr, decay);
            case adamw -> Optimizers.adamW(lr, decay);
        };
    }
}
