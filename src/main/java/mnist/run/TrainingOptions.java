package mnist.run;

import java.nio.file.Path;
import java.util.List;
import mnist.runtime.LibTorch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of everything that trains; {@link FigureOptions} are those of what also draws. */
public class TrainingOptions extends DeviceOptions {
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

    @Option(
            names = "--from-record",
            paramLabel = "FILE",
            preprocessor = RecordedOptions.class,
            description = "Repeat the run of a record, NAME.json; options after this one override the recorded ones.")
    public transient @Nullable Path fromRecord;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description =
                    "Train in N processes, which share every batch (default: as RANK and WORLD_SIZE say, else 1).")
    public transient @Nullable Integer ranks;

    @Option(
            names = "--rank-timeout",
            paramLabel = "S",
            description = "Seconds to wait for another rank (default: ${DEFAULT-VALUE}).")
    public transient int rankTimeout = 60;

    @Option(
            names = "--trace-dir",
            paramLabel = "DIR",
            description = "Write initial weights and the loss of every step to DIR, to compare with Python.")
    public transient @Nullable Path traceDir;

    @Option(
            names = {"--double", "--double-precision"},
            description = "Compute in double precision, to compare with Python beyond the rounding of floats.")
    public @Nullable Boolean doublePrecision;

    @Option(names = "--summary", description = "Print the networks' layers, shapes and parameters, and train nothing.")
    public transient boolean summary;

    public TrainingOptions(int epochs, int batchSize, double lr) {
        this.epochs = epochs;
        this.batchSize = batchSize;
        this.lr = lr;
    }

    @Override
    public void validate() {
        super.validate();
        require(epochs >= 1, "--epochs", epochs, "at least 1");
        require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
        require(lr > 0 && Double.isFinite(lr), "--lr", lr, "greater than 0");
        require(ranks == null || (ranks >= 1 && ranks <= 1024), "--ranks", ranks, "from 1 to 1024");
        require(!resume || traceDir == null, "--trace-dir", traceDir, "left out with --resume");
        require(rankTimeout >= 1 && rankTimeout <= 86_400, "--rank-timeout", rankTimeout, "from 1 to 86400");
    }

    /** Returns the folder for figures; null where none are drawn. */
    @Nullable
    Path figuresDir() {
        return null;
    }

    /** Returns whether a window is to show the training. */
    boolean live() {
        return false;
    }

    /** Returns the threads of one operation, where so many processes share the machine. */
    int threads(int processes) {
        boolean chosen = command.commandLine().getParseResult().hasMatchedOption("--threads");
        return chosen ? threads : LibTorch.defaultThreads(processes);
    }

    /** Returns the whole command line. */
    List<String> arguments() {
        return command.root().commandLine().getParseResult().originalArgs();
    }

    /** Returns the command's name, as "prob6". */
    String commandName() {
        return command.name();
    }
}
