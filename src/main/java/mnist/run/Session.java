package mnist.run;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongFunction;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.Versions;
import libtorch.distributed.DataParallel;
import libtorch.export.Format;
import libtorch.export.Networks;
import libtorch.export.TorchScript;
import libtorch.nn.Network;
import libtorch.training.Checkpoint;
import libtorch.training.EpochMetrics;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import libtorch.training.TrainingState;
import mnist.data.Mnist;
import mnist.figures.Figure;
import mnist.system.Machine;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A run of a command, which trains, measures and saves the networks added to it. */
public final class Session implements AutoCloseable {
    private final RunContext context;
    private final LibTorch.Pool pool;
    private final TrainingQueue queue;
    private final StopSignal signal = new StopSignal();
    private final List<Training<?>> trainings = new ArrayList<>();
    private final @Nullable Study study;
    private final Map<String, RunRecord> records = new ConcurrentHashMap<>(); // of the models that were saved
    private Cores cores = new Cores(1, 1);

    /** Additional measurements of trained networks. */
    public interface Study {
        /** Measures a trained network; returns Java values to add to the metrics in the run's record. */
        Map<String, Object> measure(Run<?> run, Mnist data);

        /** Draws the measurements, given the records of the saved models by name. */
        void draw(Path folder, Map<String, RunRecord> records);
    }

    /**
     * Opens a session: its device, data, folder for results and, if there are several, the other ranks.
     *
     * @param loader loads the data onto a device, for networks that compute with Float or Double
     * @param study additional measurements of the saved networks; null for none
     * @throws libtorch.LibTorchException if a resource is missing or cannot be used
     */
    public Session(
            TrainingOptions options,
            LibTorch.Pool pool,
            BiFunction<Device, ScalarType, Mnist> loader,
            @Nullable Study study) {
        context = new RunContext(options, pool, loader);
        this.pool = pool;
        this.study = study;
        queue = new TrainingQueue(signal, context.rank.leads());
    }

    public Mnist data() {
        return context.data;
    }

    /** Returns the trainings in the order in which they were added. */
    public List<Training<?>> trainings() {
        return List.copyOf(trainings);
    }

    /**
     * Adds a network for {@link #run()} to train, once with each seed.
     *
     * @param title name of the network in progress lines and figures
     * @param task creates the task for a seed; called by the thread that trains it
     * @param pictures draws the network's outputs for some examples, for the window; or null
     * @param results measures and saves the trained network; only Java values leave it
     */
    public <N extends Network, R> Training<R> add(
            String title,
            LongFunction<Task<N>> task,
            @Nullable Function<Run<N>, Figure> pictures,
            Function<Run<N>, R> results) {
        List<Long> seeds = context.options.seeds();
        Training<R> training = new Training<>(title, seeds);
        trainings.add(training);
        List<Long> firstIsLast = new ArrayList<>(seeds.subList(1, seeds.size())); // its record has all results
        firstIsLast.add(seeds.get(0));
        for (long seed : firstIsLast) {
            String name = seeds.size() == 1 ? title : title + " seed " + seed;
            queue.add(name, training.future(seed), () -> train(training, name, task, seed, pictures, results));
        }
        return training;
    }

    /** Adds a network that is not shown in a window. */
    public <N extends Network, R> Training<R> add(
            String title, LongFunction<Task<N>> task, Function<Run<N>, R> results) {
        return add(title, task, null, results);
    }

    private <N extends Network, R> Optional<R> train(
            Training<R> training,
            String name,
            LongFunction<Task<N>> task,
            long seed,
            @Nullable Function<Run<N>, Figure> pictures,
            Function<Run<N>, R> results) {
        long start = System.nanoTime();
        LibTorch.setThreads(cores.threads(), pool());
        try (PointerScope scope = new PointerScope()) {
            Trainer<N> trainer =
                    Trainer.of(task.apply(seed), context.device, context.type()); // test sets may draw noise
            Run<N> run = new Run<>(this, training, name, trainer, context.isFirst(trainer.task()));
            run.done(fit(run, pictures));
            return context.rank.leads() ? Optional.ofNullable(results.apply(run)) : Optional.empty();
        } finally {
            training.took((System.nanoTime() - start) / 1e9);
        }
    }

    /**
     * Trains a network with progress on the terminal, a checkpoint after each epoch and, if the options say so, a
     * window and a trace of losses.
     */
    private <N extends Network> List<EpochMetrics> fit(Run<N> run, @Nullable Function<Run<N>, Figure> pictures) {
        Trainer<N> trainer = run.trainer();
        Task<N> task = run.task();
        boolean leads = context.rank.leads();
        Checkpoint checkpoint = new Checkpoint(
                context.checkpointFile(task), trainer, context.data.identity(), leads, context::mayReplaceLeader);
        String name = String.format("%-" + queue.widestName() + "s", run.title());
        try (StopSignal watched = signal.watch();
                Progress progress = new Progress(name, task.epochs());
                PointerScope scope = new PointerScope()) {
            boolean resume = context.options.resume;
            Tensor saved = resume && leads ? checkpoint.read() : Tensors.of(new byte[0], 0);
            if (context.group != null) saved = context.broadcast(context.group, task, saved);
            TrainingState from = checkpoint.restore(saved);
            if (resume) progress.resumed(from);
            List<TrainingListener> listeners = new ArrayList<>(List.of(checkpoint, signal));
            if (leads) {
                listeners.add(0, progress);
                if (context.options.traceDir != null) listeners.add(new StepLosses(context.options.traceDir, trainer));
                if (context.window != null && pictures != null)
                    listeners.add(new LiveView(context.window, task, () -> pictures.apply(run)));
            }
            if (context.group == null) return trainer.fit(from, listeners);
            return trainer.as(new DataParallel(trainer.network(), context.group))
                    .fit(from, listeners);
        }
    }

    /**
     * Trains all networks in the order in which they were added, several at the same time if the cores allow it. A
     * network that diverges does not stop the others; after any other error no further network is started. {@link
     * #close()} throws these errors, so that the results of the others can be saved and drawn first.
     *
     * @throws libtorch.training.StoppedException if a signal stopped it
     */
    public void run() {
        boolean alone = context.rank.alone();
        cores = context.options.cores(queue.size(), context.rank.localCount(), !alone || context.device.is_cuda());
        System.out.printf(
                "%s%n%s, %s%s%n%n",
                context.data.summary(),
                context.deviceName(),
                cores,
                alone ? "" : " in each of " + context.rank.count() + " processes");
        LibTorch.setThreads(cores.threads(), pool());
        queue.run(cores.jobs());
    }

    /** Avoids OpenBLAS's threads for several networks at the same time, because it serves one caller at a time. */
    private LibTorch.Pool pool() {
        return cores.jobs() > 1 ? LibTorch.Pool.OPENMP : pool;
    }

    /**
     * Saves a network and its record: first the weights and the record, from which the other files can be made again. A
     * file that cannot be written does not stop the others. Other seeds than the first are only in the first one's
     * record.
     *
     * @param problem the command that trained it, such as "prob6"
     * @param metrics for the record; of a type of the problem
     */
    <N extends Network> RunRecord save(Run<N> run, String problem, Object metrics) {
        JsonObject all = new Gson().toJsonTree(metrics).getAsJsonObject();
        if (study != null)
            study.measure(run, context.data).forEach((name, value) -> all.add(name, new Gson().toJsonTree(value)));
        Task<N> task = run.task();
        if (!run.isFirst()) run.training().add(new RunRecord.Replicate(task.seed(), run.epochs(), all));
        TrainingOptions options = context.options;
        JsonObject settings = task.settings().deepCopy();
        if (options.seeds != null) settings.addProperty("seeds", options.seeds);
        RunRecord record = new RunRecord(
                problem,
                task.model(),
                settings,
                run.epochs(),
                all,
                context.data.identity(),
                Versions.current(),
                Machine.processor(),
                context.deviceName(),
                cores.threads(),
                context.rank.count(),
                Format.names(),
                run.isFirst() ? run.training().replicates() : List.of());
        if (run.isFirst()) {
            save(record, run);
            records.put(record.model(), record);
        }
        return record;
    }

    private <N extends Network> void save(RunRecord record, Run<N> run) {
        Path folder = context.options.savedDir;
        Map<String, String> texts = Map.of(TorchScript.RECORD, record.toJson());
        try (PointerScope scope = new PointerScope()) {
            Network network = ofFloats(run);
            Tensor examples = run.evaluation().firstBatch(16).inputs().to(new Device("cpu"), ScalarType.Float);
            for (Format format : Format.SAVED) {
                Path file = format.file(folder, record.model());
                attempt(file, () -> Networks.save(network, examples, file, texts));
                if (format == Format.SAFETENSORS) attempt(folder, () -> record.save(folder));
            }
        }
    }

    private void attempt(Path file, Runnable save) {
        try {
            save.run();
        } catch (LibTorchException e) {
            queue.failed(e);
        } catch (RuntimeException e) {
            String why = "cannot write " + file + " (" + LibTorch.firstLine(e) + ")";
            queue.failed(new UserError(why, "run it again with --debug for the details", e));
        }
    }

    /** Copies the network to a new one of floats on the CPU, as in the saved files. */
    private static <N extends Network> Network ofFloats(Run<N> run) {
        Network network =
                Trainer.of(run.task(), new Device("cpu"), ScalarType.Float).network();
        network.load(run.network().state());
        return network;
    }

    /** Draws the study's measurements. */
    public void draw(Path folder) {
        if (study != null) study.draw(folder, records);
    }

    /**
     * Frees the session's resources, and throws the errors of the run.
     *
     * @throws RuntimeException if a network could not be trained or a file not be written; thrown here, after the
     *     figures and tables of the others
     */
    @Override
    public void close() {
        context.close();
        queue.throwErrors();
    }
}
