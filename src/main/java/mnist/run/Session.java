package mnist.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import mnist.data.Dataset;
import mnist.distributed.DataParallel;
import mnist.distributed.LostRankException;
import mnist.distributed.Rank;
import mnist.distributed.RankGroup;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.figures.LiveWindow;
import mnist.formats.Format;
import mnist.formats.TorchScript;
import mnist.formats.Verification;
import mnist.model.Graph;
import mnist.model.Network;
import mnist.model.Program;
import mnist.model.Tracer;
import mnist.runtime.AtomicFile;
import mnist.runtime.FolderLock;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
import mnist.runtime.Versions;
import mnist.training.EpochMetrics;
import mnist.training.Evaluation;
import mnist.training.Task;
import mnist.training.Trainer;
import mnist.training.TrainingListener;
import mnist.training.TrainingState;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One run of a command: it has the device, the data, the folder for results and the other ranks, and trains tasks.
 *
 * @param <D> what the command trains on
 */
public final class Session<D extends Dataset> implements AutoCloseable {
    private final TrainingOptions options;
    private final int threads;
    private final Rank rank;
    private final @Nullable LiveWindow window; // null without --live, and without a display
    private final @Nullable FolderLock lock; // null in other ranks than 0
    private final PointerScope scope;
    private final Device device;
    private final D data;
    private final @Nullable RankGroup group; // null where there is one rank
    private long firstProcess; // the process id of rank 0
    private final List<UserError> unsaved = new ArrayList<>();

    /** Loads data onto a device. */
    public interface Loader<D> {
        /**
         * Loads the data.
         *
         * @param type the type of what networks compute with: Float or Double
         */
        D load(Device device, ScalarType type);
    }

    /**
     * Opens a session. What can be refused is refused in the order of its cost: options, folders, libtorch, device,
     * data, and then the other ranks are met, who should not wait for one that fails.
     *
     * @throws UserError where something is missing or cannot be used
     */
    public static <D extends Dataset> Session<D> open(TrainingOptions options, LibTorch.Pool pool, Loader<D> loader) {
        options.validate();
        Rank rank = Rank.of(System.getenv(), options.ranks);
        @Nullable LiveWindow window = null;
        if (rank.leads()) {
            if (options.live()) window = LiveWindow.open();
            if (options.live() && window == null) {
                System.out.println("There is no display to show a window on: training goes on without --live.");
            }
            Path figuresDir = options.figuresDir();
            if (figuresDir != null) Fonts.check();
            AtomicFile.requireWritable(options.savedDir);
            if (figuresDir != null) AtomicFile.requireWritable(figuresDir);
            if (options.traceDir != null) AtomicFile.requireWritable(options.traceDir);
        } else {
            System.setOut(new PrintStream(OutputStream.nullOutputStream())); // rank 0 prints; errors are printed by all
        }
        int threads = options.threads(rank.localCount());
        LibTorch.load(threads, pool);
        return new Session<>(options, threads, rank, window, loader);
    }

    private Session(TrainingOptions options, int threads, Rank rank, @Nullable LiveWindow window, Loader<D> loader) {
        this.options = options;
        this.threads = threads;
        this.rank = rank;
        this.window = window;
        lock = rank.leads() ? FolderLock.of(options.savedDir) : null;
        if (rank.leads()) {
            AtomicFile.clear(options.savedDir, Duration.ZERO); // which is this run's now
            if (options.figuresDir() != null) {
                AtomicFile.clear(options.figuresDir(), Duration.ofDays(1)); // which other runs may use too
            }
        }
        scope = new PointerScope();
        try {
            device = LibTorch.device(options.device, rank.local(), rank.localCount(), rank.launched());
            data = loader.load(device, type());
            requireRecordedData();
            Duration timeout = Duration.ofSeconds(options.rankTimeout);
            group = rank.alone() ? null : new RankGroup(rank, device, timeout, options.arguments());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        String processes = rank.alone() ? "" : " in each of " + rank.count() + " processes";
        System.out.printf(
                "%s; %s, %d thread%s%s%n", data.summary(), deviceName(), threads, threads == 1 ? "" : "s", processes);
    }

    public D data() {
        return data;
    }

    /**
     * Trains a task, with progress on the terminal, a checkpoint after each epoch and, where asked for, a window and a
     * trace of losses; resumes where asked to, and stops at a signal. Everything native that this makes is freed at its
     * end.
     *
     * @param pictures draws, for the window, what the network computes of some examples; or null
     * @param results measures and saves the trained network; only Java values leave it
     * @return the results; empty in other ranks than 0
     * @throws UserError where the network cannot be saved, before it is trained; or the loss is not finite
     */
    public <N extends Network, R> Optional<R> train(
            Task<N> task, @Nullable Function<Run<N>, Figure> pictures, Function<Run<N>, R> results) {
        System.out.printf("%n%s%n", task.title());
        try (PointerScope scope = new PointerScope()) {
            long[] inputs = first(task, 1).shape();
            Trainer<N> trainer = Trainer.of(task, device, type());
            List<Graph> methods = Tracer.trace(trainer.network(), Arrays.copyOfRange(inputs, 1, inputs.length));
            try (PointerScope inner = new PointerScope()) {
                Format.check(trainer.network().program(methods));
            }
            Run<N> run = new Run<>(this, trainer, methods, List.of());
            List<EpochMetrics> epochs = fit(trainer, pictures == null ? null : () -> pictures.apply(run));
            if (!rank.leads()) return Optional.empty();
            return Optional.of(results.apply(new Run<>(this, trainer, methods, epochs)));
        }
    }

    /** Trains a task of which a window shows nothing. */
    public <N extends Network, R> Optional<R> train(Task<N> task, Function<Run<N>, R> results) {
        return train(task, null, results);
    }

    private Tensor first(Task<?> task, int n) {
        return new Evaluation(null, task.test(), device).first(n).inputs();
    }

    private List<EpochMetrics> fit(Trainer<?> trainer, @Nullable Supplier<Figure> pictures) {
        Task<?> task = trainer.task();
        Checkpoint checkpoint = new Checkpoint(
                options.savedDir,
                trainer,
                data.identity(),
                rank.leads(),
                () -> FolderLock.isFreeOrOf(options.savedDir, firstProcess));
        try (StopSignal signal = new StopSignal();
                Progress progress = new Progress(task.epochs());
                PointerScope scope = new PointerScope()) {
            byte[] saved = options.resume && rank.leads() ? checkpoint.read() : new byte[0];
            if (group != null) {
                requireSameTask(group, task, saved.length > 0);
                saved = group.broadcast(saved);
            }
            TrainingState from = saved.length > 0 ? checkpoint.restore(saved) : TrainingState.START;
            List<TrainingListener> listeners = new ArrayList<>(List.of(checkpoint, signal));
            if (rank.leads()) {
                listeners.add(0, progress);
                if (options.traceDir != null) listeners.add(new StepLosses(options.traceDir, trainer));
                if (window != null && pictures != null) listeners.add(new LiveView(window, task, pictures));
            }
            if (group == null) return trainer.fit(from, listeners);
            return trainer.as(new DataParallel(trainer.network(), group)).fit(from, listeners);
        } catch (LostRankException e) {
            throw new UserError(
                    "the exchange with the other ranks failed before " + task.model() + " was trained ("
                            + e.getMessage() + ")",
                    "see what the other ranks say",
                    e);
        }
    }

    /** Refuses to train where the ranks' tasks differ. */
    private void requireSameTask(RankGroup group, Task<?> task, boolean resumes) {
        JsonObject mine = task.settings().deepCopy();
        mine.addProperty("model", task.model());
        mine.addProperty("data", data.identity().sha256());
        mine.addProperty("device", LibTorch.kind(device));
        mine.addProperty("version", Versions.current().project());
        mine.addProperty("resumes", resumes);
        mine.addProperty("process", ProcessHandle.current().pid());
        group.awaitLeader();
        byte[] bytes = group.broadcast(mine.toString().getBytes(StandardCharsets.UTF_8));
        JsonObject first = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                .getAsJsonObject();
        Checkpoint.differing(mine, first)
                .filter(option -> !List.of("resumes", "process").contains(option))
                .findFirst()
                .ifPresent(option -> {
                    throw new UserError(
                            "rank 0 trains with " + option + " " + first.get(option) + ", rank " + rank.number()
                                    + " with " + mine.get(option),
                            "start all ranks with the same command");
                });
        firstProcess = first.get("process").getAsLong();
    }

    /**
     * Saves the weights first, and the record: what cannot be had again. A file that cannot be written does not stop
     * the others; {@link #close()} names it.
     */
    <N extends Network> RunRecord save(Run<N> run, Object metrics) {
        Task<N> task = run.task();
        RunRecord record = new RunRecord(
                options.commandName(),
                task.model(),
                task.settings(),
                run.epochs(),
                metrics,
                data.identity(),
                Versions.current(),
                deviceName(),
                threads,
                rank.count(),
                Format.names());
        Map<String, String> texts = Map.of(TorchScript.RECORD, record.toJson());
        try (PointerScope scope = new PointerScope()) {
            Program program = run.network().program(run.methods());
            Verification verification = verification(task, program);
            for (Format format : Format.values()) {
                Path file = format.file(options.savedDir, task.model());
                attempt(file, () -> format.save(file, program, texts, verification));
                if (format == Format.SAFETENSORS) attempt(options.savedDir, () -> record.save(options.savedDir));
            }
        }
        return record;
    }

    private void attempt(Path file, Runnable save) {
        try {
            save.run();
        } catch (UserError e) {
            unsaved.add(e);
        } catch (RuntimeException e) {
            String why = "cannot write " + file + " (" + LibTorch.firstLine(e) + ")";
            unsaved.add(new UserError(why, "run it again with --debug for the details", e));
        }
    }

    /** Builds the network anew from the weights that are in the file. */
    private Verification verification(Task<?> task, Program program) {
        Network network = task.network().get();
        network.to(new Device("cpu"), ScalarType.Float, false); // buffers may come from the data, on another device
        network.load(program.state());
        network.eval();
        return new Verification(network, first(task, 16).to(new Device("cpu"), ScalarType.Float));
    }

    private void requireRecordedData() {
        if (options.fromRecord == null) return;
        String recorded = RunRecord.read(options.fromRecord)
                .getAsJsonObject("dataset")
                .get("sha256")
                .getAsString();
        if (!recorded.equals(data.identity().sha256())) {
            throw new UserError(options.fromRecord + " is of a run on other data", "name its folder with --data-dir");
        }
    }

    private ScalarType type() {
        return options.doublePrecision != null ? ScalarType.Double : ScalarType.Float;
    }

    private String deviceName() {
        return device.str().getString();
    }

    /**
     * Frees what the session has.
     *
     * @throws UserError where a file could not be written; only now, so that figures and tables are there
     */
    @Override
    public void close() {
        scope.close();
        if (group != null) group.close();
        if (lock != null) lock.close();
        if (window != null) window.close();
        if (!unsaved.isEmpty()) throw UserError.join(unsaved);
    }
}
