package mnist.run;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that train the exercise's networks and draw figures. */
public final class TrainingOptions extends LoopOptions {
    private static final String SEEDS = "-?\\d{1,18}(,-?\\d{1,18})*";

    @Option(
            names = "--seeds",
            paramLabel = "N[,...]",
            description = "Train each network with several seeds; the first one's models are saved.")
    public @Nullable String seeds;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Networks to train at the same time (default: as many as there are cores; 1 with --ranks,"
                    + " with --live and on a GPU).")
    public transient @Nullable Integer jobs;

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

    @Option(names = "--figures-dir", paramLabel = "DIR", description = "Where figures go (default: ${DEFAULT-VALUE}).")
    public transient Path figuresDir = Path.of("figures");

    @Option(names = "--live", description = "Show losses and the network's results in a window while training.")
    public transient boolean live;

    public TrainingOptions(int epochs, int batchSize, double lr) {
        super(epochs, batchSize, lr);
    }

    @Override
    public void validate() {
        super.validate();
        require(ranks == null || (ranks >= 1 && ranks <= 1024), "--ranks", ranks, "from 1 to 1024");
        require(jobs == null || jobs >= 1, "--jobs", jobs, "at least 1");
        require(jobs == null || jobs == 1 || (ranks == null && !live), "--jobs", jobs, "1 with --ranks and --live");
        require(seeds == null || seeds.matches(SEEDS), "--seeds", seeds, "whole numbers with commas between them");
        require(Set.copyOf(seeds()).size() == seeds().size(), "--seeds", seeds, "different numbers");
        require(!has("--seed") || seed == seeds().get(0), "--seed", seed, "the first of --seeds, or left out");
        require(!resume || traceDir == null, "--trace-dir", traceDir, "left out with --resume");
        require(seeds().size() == 1 || traceDir == null, "--trace-dir", traceDir, "left out with --seeds");
        require(rankTimeout >= 1 && rankTimeout <= 86_400, "--rank-timeout", rankTimeout, "from 1 to 86400");
    }

    /** Returns the seeds to train with; the first one's models are saved. */
    public List<Long> seeds() {
        if (seeds == null) return List.of(seed);
        return Stream.of(seeds.split(",")).map(Long::valueOf).toList();
    }

    /** Returns the options that determine the result with one of the seeds, including those of other groups. */
    public JsonObject settings(long seed, Options... others) {
        JsonObject settings = settings(this);
        settings(others).asMap().forEach(settings::add);
        settings.addProperty("seed", seed);
        settings.remove("seeds");
        return settings;
    }

    /**
     * Divides the cores among networks and threads.
     *
     * @param networks number of networks to train
     * @param processes number of processes that share the machine
     */
    Cores cores(int networks, int processes, boolean oneAfterTheOther) {
        int cores = Runtime.getRuntime().availableProcessors() / processes;
        Integer chosen = has("--threads") ? (Integer) threads : null;
        return Cores.share(cores, networks, oneAfterTheOther || live ? (Integer) 1 : jobs, chosen);
    }

    private boolean has(String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Returns the whole command line. */
    List<String> arguments() {
        return command.root().commandLine().getParseResult().originalArgs();
    }
}
