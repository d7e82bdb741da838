package mnist.run;

import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of training a program that was exported. */
public final class ProgramOptions extends DeviceOptions {
    /** What is compared with the targets, and how. */
    public enum Loss {
        CROSS_ENTROPY("cross-entropy") {
            @Override
            Tensor of(Tensor output, Tensor targets) {
                return torch.cross_entropy_loss(output, targets);
            }
        },
        NLL("nll") {
            @Override
            Tensor of(Tensor output, Tensor targets) {
                return torch.nll_loss(output, targets);
            }
        },
        MSE("mse") {
            @Override
            Tensor of(Tensor output, Tensor targets) {
                return torch.mse_loss(output, targets);
            }
        },
        L1("l1") {
            @Override
            Tensor of(Tensor output, Tensor targets) {
                return torch.l1_loss(output, targets);
            }
        };

        private final String name;

        Loss(String name) {
            this.name = name;
        }

        /** Returns the mean: per example of classes, per element of numbers. */
        abstract Tensor of(Tensor output, Tensor targets);

        /** Returns whether targets are numbers of classes. */
        boolean ofClasses() {
            return this == CROSS_ENTROPY || this == NLL;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** How the weights are changed. */
    public enum Rule {
        sgd,
        adam,
        adamw
    }

    /** What is learnt of MNIST's images. */
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

    @Option(names = "--lr", paramLabel = "X", description = "Learning rate (default: ${DEFAULT-VALUE}).")
    public double lr = 1e-3;

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

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training set (default: ${DEFAULT-VALUE}).")
    public int epochs = 5;

    @Option(names = "--batch-size", paramLabel = "N", description = "Examples per step (default: ${DEFAULT-VALUE}).")
    public int batchSize = 64;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of every random number (default: ${DEFAULT-VALUE}).")
    public long seed = 1;

    @Option(names = "--saved-dir", paramLabel = "DIR", description = "Where models go (default: ${DEFAULT-VALUE}).")
    public transient Path savedDir = Path.of("saved");

    @Option(names = "--resume", description = "Go on where the last run with these options stopped.")
    public transient boolean resume;

    @Override
    public void validate() {
        super.validate();
        require(epochs >= 1, "--epochs", epochs, "at least 1");
        require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
        require(lr > 0 && Double.isFinite(lr), "--lr", lr, "greater than 0");
        require(momentum == null || optimizer == Rule.sgd, "--momentum", momentum, "left out but for sgd");
        require(momentum == null || (momentum >= 0 && momentum < 1), "--momentum", momentum, "from 0 to below 1");
        require(
                weightDecay == null || (weightDecay >= 0 && Double.isFinite(weightDecay)),
                "--weight-decay",
                weightDecay,
                "0 or more");
        require(data == null || target == null, "--target", target, "left out with --data");
    }

    Optimizer optimizer(TensorVector parameters) {
        switch (optimizer) {
            case sgd -> {
                SGDOptions options = new SGDOptions(lr);
                if (momentum != null) options.momentum().put(momentum);
                if (weightDecay != null) options.weight_decay().put(weightDecay);
                return new SGD(parameters, options);
            }
            case adam -> {
                AdamOptions options = new AdamOptions(lr);
                if (weightDecay != null) options.weight_decay().put(weightDecay);
                return new Adam(parameters, options);
            }
            default -> {
                AdamWOptions options = new AdamWOptions(lr);
                if (weightDecay != null) options.weight_decay().put(weightDecay);
                return new AdamW(parameters, options);
            }
        }
    }
}
