package mnist.run;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of commands that train. */
public abstract class LoopOptions extends DeviceOptions {
    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training set (default: ${DEFAULT-VALUE}).")
    public int epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Examples per step (default: ${DEFAULT-VALUE}).")
    public int batchSize;

    @Option(names = "--lr", paramLabel = "X", description = "Learning rate (default: ${DEFAULT-VALUE}).")
    public double lr;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of every random number (default: ${DEFAULT-VALUE}).")
    public long seed = 1;

    @Option(names = "--saved-dir", paramLabel = "DIR", description = "Where models go (default: ${DEFAULT-VALUE}).")
    public transient Path savedDir = Path.of("saved");

    @Option(names = "--resume", description = "Go on where the last run with these options stopped.")
    public transient boolean resume;

    LoopOptions(int epochs, int batchSize, double lr) {
        this.epochs = epochs;
        this.batchSize = batchSize;
        this.lr = lr;
    }

    @Override
    public void validate() {
        super.validate();
        require(epochs >= 1, "--epochs", epochs, "at least 1");
        require(epochs <= 1_000_000, "--epochs", epochs, "at most 1000000");
        require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
        require(lr > 0 && Double.isFinite(lr), "--lr", lr, "greater than 0");
    }
}
