package mnist.run;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BiFunction;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.Versions;
import libtorch.distributed.Rank;
import libtorch.distributed.RankGroup;
import libtorch.training.Checkpoint;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.figures.Fonts;
import mnist.figures.LiveWindow;
import mnist.system.FolderLock;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The resources of a running command: device, data, folder for results, window, other ranks. */
final class RunContext implements AutoCloseable {
    final TrainingOptions options;
    final Rank rank;
    final Device device;
    final Mnist data;
    final @Nullable LiveWindow window; // null without --live, and without a display
    final @Nullable RankGroup group; // null if there is one rank

    private final @Nullable FolderLock lock; // null in other ranks than 0
    private final PointerScope scope;
    private long firstProcess; // the process id of rank 0

    /**
     * Opens the resources, the cheapest first: folders, libtorch, device, data. Other ranks come last, so that they do
     * not wait for a rank that fails.
     *
     * @throws UserError if a resource is missing or cannot be used
     */
    RunContext(TrainingOptions options, LibTorch.Pool pool, BiFunction<Device, ScalarType, Mnist> loader) {
        this.options = options;
        options.validate();
        rank = Rank.of(System.getenv(), options.ranks);
        window = rank.leads() && options.live ? openWindow() : null;
        if (rank.leads()) {
            requireWritableFolders();
        } else {
            System.setOut(new PrintStream(OutputStream.nullOutputStream())); // rank 0 prints; errors are printed by all
        }
        LibTorch.load(1, pool);
        lock = rank.leads() ? lockFolder() : null;
        scope = new PointerScope();
        try {
            device = LibTorch.device(options.device, rank.local(), rank.localCount(), rank.launched());
            data = loader.apply(device, type());
            requireRecordedData();
            Duration timeout = Duration.ofSeconds(options.rankTimeout);
            group = rank.alone() ? null : new RankGroup(rank, device, timeout, options.arguments());
        } catch (RuntimeException e) {
            scope.close();
            closeFolderAndWindow();
            throw e;
        }
    }

    private static @Nullable LiveWindow openWindow() {
        LiveWindow window = LiveWindow.open();
        if (window == null)
            System.out.println("There is no display to show a window on: training goes on without --live.");
        return window;
    }

    private void requireWritableFolders() {
        Fonts.check();
        AtomicFile.requireWritable(options.savedDir);
        AtomicFile.requireWritable(options.figuresDir);
        if (options.traceDir != null) AtomicFile.requireWritable(options.traceDir);
    }

    /** Locks the folder for models, and deletes temporary files of killed runs. */
    private FolderLock lockFolder() {
        FolderLock lock = FolderLock.of(options.savedDir);
        AtomicFile.clear(options.figuresDir, Duration.ofDays(1)); // other runs may be using it
        return lock;
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

    /** Returns the networks' floating-point type. */
    ScalarType type() {
        return options.doublePrecision != null ? ScalarType.Double : ScalarType.Float;
    }

    String deviceName() {
        return device.str().getString();
    }

    /** Returns whether a task has the first seed, whose model is saved and drawn. */
    boolean isFirst(Task<?> task) {
        return task.seed() == options.seeds().get(0);
    }

    Path checkpointFile(Task<?> task) {
        String seed = isFirst(task) ? "" : "-seed" + task.seed();
        return options.savedDir.resolve(task.model() + seed + Checkpoint.SUFFIX);
    }

    /**
     * Broadcasts the checkpoint that rank 0 resumes from, after checking that all ranks train the same task.
     *
     * @param checkpoint its bytes; empty if there is none, and in other ranks
     */
    Tensor broadcast(RankGroup group, Task<?> task, Tensor checkpoint) {
        JsonObject mine = task.settings().deepCopy();
        mine.addProperty("model", task.model());
        mine.addProperty("data", data.identity().sha256());
        mine.addProperty("device", LibTorch.kind(device));
        mine.addProperty("version", Versions.current().project());
        JsonObject sent = mine.deepCopy();
        sent.addProperty("process", ProcessHandle.current().pid());
        group.awaitLeader();
        byte[] bytes = group.broadcast(sent.toString().getBytes(StandardCharsets.UTF_8));
        JsonObject first = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                .getAsJsonObject();
        firstProcess = first.remove("process").getAsLong();
        Checkpoint.differing(mine, first).findFirst().ifPresent(option -> {
            throw new UserError(
                    "rank 0 trains with " + option + " " + first.get(option) + ", rank " + rank.number() + " with "
                            + mine.get(option),
                    "start all ranks with the same command");
        });
        return group.broadcast(checkpoint);
    }

    /** Returns whether this rank may write a checkpoint if rank 0 is lost: not if a later run has locked the folder. */
    boolean mayReplaceLeader() {
        boolean free = FolderLock.isFreeOrOf(options.savedDir, firstProcess);
        if (!free)
            System.err.println("No checkpoint is written: another run has " + options.savedDir.toAbsolutePath() + ".");
        return free;
    }

    private void closeFolderAndWindow() {
        if (lock != null) lock.close();
        if (window != null) window.close();
    }

    @Override
    public void close() {
        scope.close(); // before the group, whose processes notice the end of the native objects
        if (group != null) group.close();
        closeFolderAndWindow();
    }
}
