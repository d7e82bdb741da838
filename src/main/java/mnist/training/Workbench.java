package mnist.training;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import mnist.data.Mnist;
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
    private final FolderLock lock;
    private final PointerScope scope;

    /** Checks the options, loads libtorch, picks the device and loads the data onto it. */
    public static Workbench open(TrainingOptions options, LibTorch.Pool pool) {
        options.validate();
        LiveWindow window = options.live ? LiveWindow.open() : null;
        if (options.live && window == null) System.out.println("There is no display to show a window on: training goes on without --live.");
        Fonts.check();
        AtomicFile.requireWritable(options.savedDir);
        AtomicFile.requireWritable(options.figuresDir);
        LibTorch.load(options.threads, pool);
        return new Workbench(options, window);
    }

    private Workbench(TrainingOptions options, LiveWindow window) {
        this.options = options;
        this.window = window;
        lock = FolderLock.of(options.savedDir);
        scope = new PointerScope();
        try {
            device = LibTorch.device(options.device);
            mnist = Mnist.load(options.dataDir, !options.unverifiedData, options.trainSize, options.testSize, device, type());
            requireRecordedData();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        System.out.printf("%s: %,d training and %,d test images; %s, %d thread%s%n", mnist.identity().name(),
                mnist.train().size(), mnist.test().size(), deviceName(), options.threads, options.threads == 1 ? "" : "s");
    }

    /**
     * Trains a network for some epochs, with progress on the terminal, a checkpoint after each and, where asked for, a
     * trace and a window; resumes where asked to, and stops at a signal.
     *
     * @param settings what determines the result
     * @param pictures draws, for the window, what the network makes of some images
     * @throws StoppedException after a signal
     */
    public List<EpochMetrics> fit(String name, Trainer trainer, int epochs, JsonObject settings, Supplier<Figure> pictures) {
        Checkpoint checkpoint = new Checkpoint(options.savedDir.resolve(name + ".checkpoint"), trainer, settings, mnist.identity());
        try (StopSignal signal = new StopSignal(); PointerScope run = new PointerScope()) {
            RunState from = options.resume ? checkpoint.restore(epochs) : RunState.between(List.of());
            TrainingListener listener = new Progress(epochs).andThen(checkpoint).andThen(signal);
            if (options.traceDir != null) listener = listener.andThen(new Trace(options.traceDir, name, trainer.network(), settings));
            if (window != null) listener = listener.andThen(new LiveView(window, name, epochs, pictures));
            return trainer.fit(from, epochs, listener);
        }
    }

    /** Describes a finished run. */
    public RunRecord record(String model, JsonObject settings, List<EpochMetrics> epochs, Object metrics) {
        return new RunRecord(model, settings, epochs, metrics, mnist.identity(), Versions.current(), deviceName(), options.threads);
    }

    /** Saves the network as NAME.pt and NAME.safetensors, and the record in both and as NAME.json. */
    public void save(String name, Network network, RunRecord record) {
        String json = record.toJson();
        network.to(new Device("cpu"), ScalarType.Float, false);
        try (PointerScope sample = new PointerScope()) {
            TorchScriptFile.save(options.savedDir.resolve(name + ".pt"), network, Map.of(TorchScriptFile.RECORD, json),
                    mnist.test().images(0, Math.min(16, mnist.test().size())).to(new Device("cpu"), ScalarType.Float));
        }
        place(network);
        Safetensors.save(options.savedDir.resolve(name + ".safetensors"), network, Map.of(TorchScriptFile.RECORD, json));
        AtomicFile.write(options.savedDir.resolve(name + ".json"),
                temporary -> Files.writeString(temporary, json, StandardCharsets.UTF_8));
    }

    /** Moves a new network to where the data is. */
    public void place(Network network) {
        network.to(device, type(), false);
    }

    private void requireRecordedData() {
        if (options.fromRecord == null) return;
        String recorded = RunRecord.read(options.fromRecord).getAsJsonObject("dataset").get("sha256").getAsString();
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
        lock.close();
        if (window != null) window.close();
    }
}
