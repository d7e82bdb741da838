package mnist.training;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import mnist.runtime.DeviceChoice;
import mnist.runtime.LibTorch;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that the three problems share; what is not transient goes into the run record. */
public class TrainingOptions {
    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the training set (default: ${DEFAULT-VALUE}).")
    public int epochs;

    @Option(names = "--batch-size", paramLabel = "N", description = "Images a step (default: ${DEFAULT-VALUE}).")
    public int batchSize;

    @Option(names = "--lr", paramLabel = "X", description = "Learning rate (default: ${DEFAULT-VALUE}).")
    public double lr;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of every random number (default: ${DEFAULT-VALUE}).")
    public long seed = 1;

    @Option(names = "--train-size", paramLabel = "N", description = "Train on the first N images only.")
    public Integer trainSize;

    @Option(names = "--test-size", paramLabel = "N", description = "Test on the first N images only.")
    public Integer testSize;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of one operation (default: ${DEFAULT-VALUE}).")
    public transient int threads = LibTorch.defaultThreads();

    @Option(names = "--device", description = "One of ${COMPLETION-CANDIDATES}; auto is CUDA where it can be used (default: ${DEFAULT-VALUE}).")
    public transient DeviceChoice device = DeviceChoice.auto;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST is kept (default: ${DEFAULT-VALUE}).")
    public transient Path dataDir = Path.of("data");

    @Option(names = "--saved-dir", paramLabel = "DIR", description = "Where models go (default: ${DEFAULT-VALUE}).")
    public transient Path savedDir = Path.of("saved");

    @Option(names = "--figures-dir", paramLabel = "DIR", description = "Where figures go (default: ${DEFAULT-VALUE}).")
    public transient Path figuresDir = Path.of("figures");

    @Option(names = "--trace-dir", paramLabel = "DIR", description = "Write initial weights and the loss of every step to DIR, to compare with Python.")
    public transient Path traceDir;

    @Option(names = "--double", description = "Compute in double precision, to compare with Python beyond the rounding of floats.")
    public Boolean doublePrecision;

    @Option(names = "--unverified-data", description = "Use any data set of MNIST's shape found in --data-dir.")
    public transient boolean unverifiedData;

    @Spec(Spec.Target.MIXEE)
    private transient CommandSpec command;

    public TrainingOptions(int epochs, int batchSize, double lr) {
        this.epochs = epochs;
        this.batchSize = batchSize;
        this.lr = lr;
    }

    /** Refuses values that no run can use, as wrong usage. */
    public void validate() {
        require(epochs >= 1, "--epochs", epochs, "at least 1");
        require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
        require(lr > 0 && Double.isFinite(lr), "--lr", lr, "greater than 0");
        require(trainSize == null || trainSize >= 1, "--train-size", trainSize, "at least 1");
        require(testSize == null || testSize >= 1, "--test-size", testSize, "at least 1");
        require(threads >= 1 && threads <= 1024, "--threads", threads, "from 1 to 1024");
    }

    /** Refuses one option's value, as wrong usage. */
    public void require(boolean fine, String option, Object value, String demand) {
        if (!fine) throw new ParameterException(command.commandLine(), option + " is " + value + ", but must be " + demand);
    }

    /** Returns what determines a run's result. */
    public JsonObject toJson() {
        return new Gson().toJsonTree(this).getAsJsonObject();
    }
}
