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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.data.Dataset;
import libtorch.distributed.DataParallel;
import libtorch.distributed.Rank;
import libtorch.distributed.RankGroup;
import libtorch.export.Format;
import libtorch.export.TorchScript;
import libtorch.export.Verification;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.SavedNetwork;
import libtorch.nn.Tracer;
import libtorch.training.Checkpoint;
import libtorch.training.DivergedException;
import libtorch.training.EpochMetrics;
import libtorch.training.Evaluation;
import libtorch.training.StoppedException;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import libtorch.training.TrainingState;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.figures.LiveWindow;
import mnist.system.FolderLock;
import mnist.system.Machine;
import mnist.system.Natives;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One run of a command: it has the device, the data, the folder for results and the other ranks, and trains networks.
 *
 * @param <D> what the command trains on
 */
public final class Session<D extends Dataset> implements AutoCloseable {
    private static final String NOT_BEGUN = "before it began";

    private final TrainingOptions options;
    private final LibTorch.Pool pool;
    private final Rank rank;
    private final @Nullable LiveWindow window; // null without --live, and without a display
    private final @Nullable FolderLock lock; // null in other ranks than 0
    private final PointerScope scope;
    private final Device device;
    private final D data;
    private final @Nullable RankGroup group; // null where there is one rank
    private final StopSignal signal = new StopSignal();
    private final List<Training<?>> trainings = new ArrayList<>();
    private final List<Added<?>> networks = new ArrayList<>();
    private final List<RuntimeException> errors = Collections.synchronizedList(new ArrayList<>());
    private Cores cores = new Cores(1, 1);
    private long firstProcess; // the process id of rank 0

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
        Natives.load(1, pool);
        return new Session<>(options, pool, rank, window, loader);
    }

    private Session(
            TrainingOptions options, LibTorch.Pool pool, Rank rank, @Nullable LiveWindow window, Loader<D> loader) {
        this.options = options;
        this.pool = pool;
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
            device = Natives.device(options.device, rank);
            data = loader.load(device, type());
            requireRecordedData();
            Duration timeout = Duration.ofSeconds(options.rankTimeout);
            group = rank.alone() ? null : new RankGroup(rank, device, timeout, options.arguments());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public D data() {
        return data;
    }

    /** Returns what was added, in that order. */
    public List<Training<?>> trainings() {
        return List.copyOf(trainings);
    }

    /**
     * Adds a network that {@link #run()} is to train: with progress on the terminal, a checkpoint after each epoch and,
     * where asked for, a window and a trace of losses. Everything native that its training makes is freed at its end.
     *
     * @param title what progress and figures call it
     * @param task returns what to train with a seed; called by the thread that trains it
     * @param pictures draws, for the window, what the network computes of some examples; or null
     * @param results measures and saves the trained network; only Java values leave it
     */
    public <N extends Network, R> Training<R> add(
            String title,
            LongFunction<Task<N>> task,
            @Nullable Function<Run<N>, Figure> pictures,
            Function<Run<N>, R> results) {
        List<Long> seeds = options.seeds();
        Training<R> training = new Training<>(title, seeds);
        trainings.add(training);
        List<Long> firstIsLast = new ArrayList<>(seeds.subList(1, seeds.size())); // its record has all others in it
        firstIsLast.add(seeds.get(0));
        for (long seed : firstIsLast) {
            String name = seeds.size() == 1 ? title : title + " seed " + seed;
            networks.add(new Added<>(
                    name, training.future(seed), () -> train(training, name, task, seed, pictures, results)));
        }
        return training;
    }

    /** Adds a network of which a window shows nothing. */
    public <N extends Network, R> Training<R> add(
            String title, LongFunction<Task<N>> task, Function<Run<N>, R> results) {
        return add(title, task, null, results);
    }

    /** A network to be trained with one seed. */
    private record Added<R>(String name, CompletableFuture<Optional<R>> result, Supplier<Optional<R>> training) {
        /** @param begins says whether it is still to be begun */
        void run(BooleanSupplier begins, Runnable failed) {
            try {
                result.complete(begins.getAsBoolean() ? training.get() : Optional.empty());
            } catch (Throwable e) { // whoever waits for the result must learn of it
                if (!(e instanceof DivergedException || e instanceof StoppedException)) failed.run();
                result.completeExceptionally(e);
            }
        }
    }

    /**
     * Trains all networks that were added: as many at the same time as the cores are shared out to, in the order in
     * which they were added. One that diverges does not stop the others; after any other error none is begun that was
     * not. {@link #close()} throws these errors, so that what the others left can be saved and drawn.
     *
     * @throws StoppedException where a signal asked for it
     */
    public void run() {
        cores = options.cores(networks.size(), rank.localCount(), !rank.alone() || device.is_cuda());
        System.out.printf(
                "%s%n%s, %s%s%n%n",
                data.summary(), deviceName(), cores, rank.alone() ? "" : " in each of " + rank.count() + " processes");
        LibTorch.setThreads(cores.threads(), pool());
        ExecutorService threads = Executors.newFixedThreadPool(cores.jobs(), body -> {
            Thread thread = new Thread(body, "training");
            thread.setDaemon(true); // where the JVM ends, it is not waited for
            return thread;
        });
        AtomicBoolean begins = new AtomicBoolean(true);
        networks.forEach(network -> threads.execute(() -> network.run(begins::get, () -> begins.set(false))));
        threads.shutdown();
        Map<String, StoppedException> stopped = new LinkedHashMap<>();
        for (Added<?> network : networks) {
            try {
                network.result.join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof Error error) throw error;
                if (e.getCause() instanceof StoppedException stop) stopped.put(network.name, stop);
                else if (e.getCause() instanceof RuntimeException error) failed(network.name, error);
            }
        }
        if (stopped.isEmpty()) return;
        errors.clear(); // they come again when the run is resumed
        if (networks.size() == 1) throw stopped.values().iterator().next();
        throw stopped(stopped);
    }

    /** Several networks cannot use OpenBLAS's threads at the same time: it serves one caller after the other. */
    private LibTorch.Pool pool() {
        return cores.jobs() > 1 ? LibTorch.Pool.OPENMP : pool;
    }

    private StoppedException stopped(Map<String, StoppedException> stopped) {
        List<String> where = new ArrayList<>();
        stopped.forEach((name, stop) -> {
            if (!stop.where().equals(NOT_BEGUN)) where.add(name + " " + stop.where());
        });
        int left = stopped.size() - where.size();
        if (left > 0) where.add(left == 1 ? "one network " + NOT_BEGUN : left + " networks " + NOT_BEGUN);
        return new StoppedException(String.join(", ", where), signal.stop());
    }

    private void failed(String name, RuntimeException error) {
        boolean known = errors.stream().anyMatch(e -> e == error || e.getCause() == error); // of what this waited for
        if (known) return;
        errors.add(
                error instanceof LibTorchException e && rank.leads() && networks.size() > 1
                        ? new UserError(name + ": " + e.what(), Advice.on(e).remedy(), e)
                        : error);
    }

    private <N extends Network, R> Optional<R> train(
            Training<R> training,
            String name,
            LongFunction<Task<N>> tasks,
            long seed,
            @Nullable Function<Run<N>, Figure> pictures,
            Function<Run<N>, R> results) {
        if (signal.stop() != 0) throw new StoppedException(NOT_BEGUN, signal.stop());
        long start = System.nanoTime();
        LibTorch.setThreads(cores.threads(), pool());
        try (PointerScope scope = new PointerScope()) {
            Task<N> task = tasks.apply(seed); // whose test set may have noise of its own
            long[] inputs = first(task, 1).shape();
            Trainer<N> trainer = Trainer.of(task, device, type());
            List<MethodGraph> methods = Tracer.trace(trainer.network(), Arrays.copyOfRange(inputs, 1, inputs.length));
            try (PointerScope inner = new PointerScope()) {
                Format.check(trainer.network().program(methods));
            }
            Run<N> run = new Run<>(this, training, name, trainer, methods, List.of());
            List<EpochMetrics> epochs = fit(name, trainer, pictures == null ? null : () -> pictures.apply(run));
            if (!rank.leads()) return Optional.empty();
            return Optional.of(results.apply(new Run<>(this, training, name, trainer, methods, epochs)));
        } finally {
            training.took((System.nanoTime() - start) / 1e9);
        }
    }

    private Tensor first(Task<?> task, int n) {
        return new Evaluation(null, task.test(), device).first(n).inputs();
    }

    private List<EpochMetrics> fit(String name, Trainer<?> trainer, @Nullable Supplier<Figure> pictures) {
        Task<?> task = trainer.task();
        int width = networks.stream()
                .mapToInt(network -> network.name.length())
                .max()
                .orElse(0);
        Checkpoint checkpoint =
                new Checkpoint(checkpointFile(task), trainer, data.identity(), rank.leads(), this::mayReplaceLeader);
        try (StopSignal.Watch watch = signal.watch();
                Progress progress = new Progress(String.format("%-" + width + "s", name), task.epochs());
                PointerScope scope = new PointerScope()) {
            byte[] saved = options.resume && rank.leads() ? checkpoint.read() : new byte[0];
            if (options.resume && saved.length == 0) progress.say("nothing to resume: starting at the beginning");
            if (group != null) {
                requireSameTask(group, task, saved.length > 0);
                saved = group.broadcast(saved);
            }
            TrainingState from = saved.length > 0 ? checkpoint.restore(saved) : TrainingState.START;
            if (saved.length > 0) progress.say("resuming after " + from);
            List<TrainingListener> listeners = new ArrayList<>(List.of(checkpoint, signal));
            if (rank.leads()) {
                listeners.add(0, progress);
                if (options.traceDir != null) listeners.add(new StepLosses(options.traceDir, trainer));
                if (window != null && pictures != null) listeners.add(new LiveView(window, task, pictures));
            }
            if (group == null) return trainer.fit(from, listeners);
            return trainer.as(new DataParallel(trainer.network(), group)).fit(from, listeners);
        }
    }

    /** Returns whether another rank may write a checkpoint where one is lost: not where a later run has the folder. */
    private boolean mayReplaceLeader() {
        boolean free = FolderLock.isFreeOrOf(options.savedDir, firstProcess);
        if (!free)
            System.err.println("No checkpoint is written: another run has " + options.savedDir.toAbsolutePath() + ".");
        return free;
    }

    private Path checkpointFile(Task<?> task) {
        String seed = isFirst(task) ? "" : "-seed" + task.seed();
        return options.savedDir.resolve(task.model() + seed + Checkpoint.SUFFIX);
    }

    boolean isFirst(Task<?> task) {
        return task.seed() == options.seeds().get(0);
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
     * the others; {@link #close()} names it. Of other seeds than the first, only the first one's record tells.
     */
    <N extends Network> RunRecord save(Run<N> run, Object metrics) {
        Task<N> task = run.task();
        boolean first = isFirst(task);
        if (!first) run.training().add(new RunRecord.Replicate(task.seed(), run.epochs(), metrics));
        JsonObject settings = task.settings().deepCopy();
        if (options.seeds != null) settings.addProperty("seeds", options.seeds);
        RunRecord record = new RunRecord(
                options.commandFor(task.model()),
                task.model(),
                settings,
                run.epochs(),
                metrics,
                data.identity(),
                Versions.current(),
                Machine.processor(),
                deviceName(),
                cores.threads(),
                rank.count(),
                Format.names(),
                first ? run.training().replicates() : List.of());
        if (first) save(record, run);
        return record;
    }

    private <N extends Network> void save(RunRecord record, Run<N> run) {
        Map<String, String> texts = Map.of(TorchScript.RECORD, record.toJson());
        try (PointerScope scope = new PointerScope()) {
            SavedNetwork program = run.network().program(run.methods());
            Verification verification = verification(run.task(), program);
            for (Format format : Format.values()) {
                Path file = format.file(options.savedDir, record.model());
                attempt(file, () -> format.save(file, program, texts, verification));
                if (format == Format.SAFETENSORS) attempt(options.savedDir, () -> record.save(options.savedDir));
            }
        }
    }

    private void attempt(Path file, Runnable save) {
        try {
            save.run();
        } catch (LibTorchException e) {
            errors.add(e);
        } catch (RuntimeException e) {
            String why = "cannot write " + file + " (" + LibTorch.firstLine(e) + ")";
            errors.add(new UserError(why, "run it again with --debug for the details", e));
        }
    }

    /** Builds the network anew from the weights that are in the file. */
    private Verification verification(Task<?> task, SavedNetwork program) {
        Network network = Trainer.of(task, new Device("cpu"), ScalarType.Float).network();
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
     * @throws RuntimeException where a network could not be trained, or a file not be written; only now, so that the
     *     figures and tables of the others are there
     */
    @Override
    public void close() {
        scope.close();
        if (group != null) group.close();
        if (lock != null) lock.close();
        if (window != null) window.close();
        for (RuntimeException error : errors) if (!(error instanceof LibTorchException)) throw error;
        if (errors.size() == 1) throw errors.get(0);
        if (!errors.isEmpty())
            throw UserError.join(
                    errors.stream().map(LibTorchException.class::cast).toList());
    }
}
