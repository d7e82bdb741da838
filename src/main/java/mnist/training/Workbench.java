package mnist.training;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import mnist.data.Mnist;
import mnist.distributed.DataParallel;
import mnist.distributed.LostRankException;
import mnist.distributed.Rank;
import mnist.distributed.RankGroup;
import mnist.distributed.Replica;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.figures.LiveWindow;
import mnist.runtime.AtomicFile;
import mnist.runtime.FolderLock;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
import mnist.runtime.Versions;
import mnist.torchscript.Network;
import mnist.torchscript.Safetensors;
import mnist.torchscript.TorchScriptFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What every problem works with: libtorch, a device, the data, and a place for the results. */
public final class Workbench implements AutoCloseable {
    public final Device device;
    public final Mnist mnist;
    private final TrainingOptions options;
    private final LiveWindow window; // null where none is asked for, or there is no display
    private final int threads;
    private final Rank rank;
    private final FolderLock lock; // null where another process writes
    private final RankGroup group; // null where this process trains alone
    private final PointerScope scope;
    private long firstProcess; // system's number of the first rank

    /** Checks the options, loads libtorch, picks the device and loads the data onto it. */
    public static Workbench open(TrainingOptions options, LibTorch.Pool pool) {
        options.validate();
        Rank rank = Rank.of(System.getenv(), options.ranks);
        LiveWindow window = null;
        if (rank.leads()) {
            if (options.live) window = LiveWindow.open();
            if (options.live && window == null)
                System.out.println("There is no display to show a window on: training goes on without --live.");
            Fonts.check();
            AtomicFile.requireWritable(options.savedDir);
            AtomicFile.requireWritable(options.figuresDir);
        } else {
            System.setOut(new PrintStream(OutputStream.nullOutputStream())); // one rank talks; errors are told by all
        }
        int threads = options.threads(rank.localCount());
        LibTorch.load(threads, pool);
        return new Workbench(options, threads, rank, window);
    }

    private Workbench(TrainingOptions options, int threads, Rank rank, LiveWindow window) {
        this.options = options;
        this.threads = threads;
        this.rank = rank;
        this.window = window;
        lock = rank.leads() ? FolderLock.of(options.savedDir) : null;
        scope = new PointerScope();
        try {
            device = LibTorch.device(options.device, rank.local());
            mnist = Mnist.load(
                    options.dataDir, !options.unverifiedData, options.trainSize, options.testSize, device, type());
            requireRecordedData();
            group = rank.alone()
                    ? null
                    : new RankGroup(rank, device, Duration.ofSeconds(options.rankTimeout), options.arguments());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        System.out.printf(
                "%s: %,d training and %,d test images; %s, %d thread%s%s%n",
                mnist.identity().name(),
                mnist.train().size(),
                mnist.test().size(),
                deviceName(),
                threads,
                threads == 1 ? "" : "s",
                rank.alone() ? "" : " in each of " + rank.count() + " processes");
    }

    /**
     * Trains a network for some epochs, with progress on the terminal, a checkpoint after each and, where asked for, a
     * trace and a window; resumes where asked to, and stops at a signal.
     *
     * @param settings what determines the result
     * @param pictures draws, for the window, what the network makes of some images
     * @throws StoppedException after a signal
     */
    public List<EpochMetrics> fit(
            String name, Trainer trainer, int epochs, JsonObject settings, Supplier<Figure> pictures) {
        Checkpoint checkpoint = new Checkpoint(
                options.savedDir.resolve(name + ".checkpoint"),
                trainer,
                settings,
                mnist.identity(),
                rank.leads(),
                () -> FolderLock.isFreeOrOf(options.savedDir, firstProcess));
        try (StopSignal signal = new StopSignal();
                PointerScope run = new PointerScope()) {
            byte[] saved = options.resume && rank.leads() ? checkpoint.read() : new byte[0];
            if (group != null) {
                agreeWithFirst(name, settings, saved.length > 0);
                saved = group.ofFirst(saved);
            }
            RunState from = saved.length > 0 ? checkpoint.restore(saved, epochs) : RunState.between(List.of());
            Replica replica = group != null ? new DataParallel(trainer.network(), group) : Replica.ALONE;
            TrainingListener listener = checkpoint.andThen(signal);
            if (rank.leads()) {
                listener = new Progress(epochs).andThen(listener);
                if (options.traceDir != null)
                    listener = listener.andThen(new Trace(options.traceDir, name, trainer.network(), settings));
                if (window != null) listener = listener.andThen(new LiveView(window, name, epochs, pictures));
            }
            return trainer.as(replica).fit(from, epochs, listener);
        } catch (LostRankException e) {
            throw new UserError(
                    "the exchange with the other ranks failed before " + name + " was trained (" + e.getMessage() + ")",
                    "see what the other ranks say",
                    e);
        }
    }

    /** Makes sure that all ranks train the same. */
    private void agreeWithFirst(String name, JsonObject settings, boolean resumes) {
        JsonObject mine = settings.deepCopy();
        mine.addProperty("model", name);
        mine.addProperty("data", mnist.identity().sha256());
        mine.addProperty("device", device.is_cuda() ? "cuda" : "cpu");
        mine.addProperty("version", Versions.current().project());
        mine.addProperty("resumes", resumes);
        mine.addProperty("process", ProcessHandle.current().pid());
        JsonObject first = JsonParser.parseString(new String(
                        group.ofFirst(mine.toString().getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8))
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

    /** Says whether results are this process's affair: of several ranks, the first measures, saves and draws. */
    public boolean leads() {
        return rank.leads();
    }

    /** Describes a finished run. */
    public RunRecord record(String model, JsonObject settings, List<EpochMetrics> epochs, Object metrics) {
        return new RunRecord(
                model,
                settings,
                epochs,
                metrics,
                mnist.identity(),
                Versions.current(),
                deviceName(),
                threads,
                rank.count());
    }

    /** Saves the network as NAME.pt and NAME.safetensors, and the record in both and as NAME.json. */
    public void save(String name, Network network, RunRecord record) {
        String json = record.toJson();
        network.to(new Device("cpu"), ScalarType.Float, false);
        try (PointerScope sample = new PointerScope()) {
            TorchScriptFile.save(
                    options.savedDir.resolve(name + ".pt"),
                    network,
                    Map.of(TorchScriptFile.RECORD, json),
                    mnist.test().images(0, Math.min(16, mnist.test().size())).to(new Device("cpu"), ScalarType.Float));
        }
        place(network);
        Safetensors.save(
                options.savedDir.resolve(name + ".safetensors"), network, Map.of(TorchScriptFile.RECORD, json));
        AtomicFile.write(
                options.savedDir.resolve(name + ".json"),
                temporary -> Files.writeString(temporary, json, StandardCharsets.UTF_8));
    }

    /** Moves a new network to where the data is. */
    public void place(Network network) {
        network.to(device, type(), false);
    }

    private void requireRecordedData() {
        if (options.fromRecord == null) return;
        String recorded = RunRecord.read(options.fromRecord)
                .getAsJsonObject("dataset")
                .get("sha256")
                .getAsString();
        if (!recorded.equals(mnist.identity().sha256())) {
            throw new UserError(options.fromRecord + " is of a run on other data", "name its folder with --data-dir");
        }
    }

    private ScalarType type() {
        return options.doublePrecision != null ? ScalarType.Double : ScalarType.Float;
    }

    private String deviceName() {
        return device.str().getString();
    }

    @Override
    public void close() {
        scope.close();
        if (group != null) group.close();
        if (lock != null) lock.close();
        if (window != null) window.close();
    }
}
