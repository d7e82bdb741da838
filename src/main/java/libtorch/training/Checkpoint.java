package libtorch.training;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.NativeText;
import libtorch.Tensors;
import libtorch.data.Dataset;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Saves a run after every epoch and when it is stopped, so that it can be resumed: weights, the optimizer's state, the
 * epochs so far, the losses of the steps since, and the states of the random number generators at the end of the last
 * epoch, from which the next one is drawn again. On the same machine's CPU, with as many threads, a resumed run gives
 * the same bits as an uninterrupted one; with dropout only if its trainer draws from the default generators, as dropout
 * does: {@link Trainer#withDefaultGenerators()}.
 *
 * <p>A resumed run takes the learning rate and the other options of the optimizer from the checkpoint. The network's
 * layers, the optimizer's class, data, seed, batch size and {@link Task#withSettings settings} are checked; delete the
 * file after any other change, such as another loss.
 *
 * <p>With several ranks, rank 0 writes; if a rank is lost, the others may too.
 */
public final class Checkpoint implements TrainingListener {
    /** The suffix of the files' names. */
    public static final String SUFFIX = ".checkpoint";

    /** Version of the files' content. */
    private static final int FORMAT = 2;

    private final Path file;
    private final Trainer<?> trainer;
    private final Dataset dataset;
    private final boolean leads;
    private final BooleanSupplier mayReplaceLeader;
    private final List<EpochMetrics> epochs = new ArrayList<>();
    private List<byte[]> random = List.of(); // states of the generators at the end of the last epoch
    private List<byte[]> resumed = List.of(); // after the last step of an earlier run

    /** The JSON in a checkpoint; steps and seconds are those of the unfinished epoch. */
    private record Run(
            int format,
            String model,
            Map<String, long[]> shapes,
            JsonObject settings,
            Dataset dataset,
            String device,
            @Nullable String optimizer,
            @Nullable Long seed,
            @Nullable Integer batchSize,
            List<EpochMetrics> epochs,
            int steps,
            double seconds) {}

    /** Writes the checkpoints of a training in one process. */
    public Checkpoint(Path file, Trainer<?> trainer, Dataset dataset) {
        this(file, trainer, dataset, true, () -> true);
    }

    /**
     * @param leads whether this is rank 0
     * @param mayReplaceLeader whether this rank may write in place of rank 0 when a rank is lost
     */
    public Checkpoint(Path file, Trainer<?> trainer, Dataset dataset, boolean leads, BooleanSupplier mayReplaceLeader) {
        this.file = file;
        this.trainer = trainer;
        this.dataset = dataset;
        this.leads = leads;
        this.mayReplaceLeader = mayReplaceLeader;
    }

    @Override
    public void epochStarted(int epoch, int batches, int done) {
        random = randomStates();
    }

    @Override
    public void batchesStarted() {
        setRandom(resumed);
        resumed = List.of();
    }

    @Override
    public void epochDone(EpochMetrics metrics, double[] stepLosses) {
        epochs.add(metrics);
        random = randomStates();
        if (leads) save(TrainingState.between(epochs), true);
    }

    @Override
    public void stopped(TrainingState state) {
        if (leads) save(state, true);
    }

    @Override
    public void rankLost(TrainingState state) {
        if (leads || mayReplaceLeader.getAsBoolean()) save(state, false);
    }

    private void save(TrainingState state, boolean afterAStep) {
        try (PointerScope scope = new PointerScope()) {
            OutputArchive archive = new OutputArchive();
            archive.write("run", new IValue(NativeText.of(new Gson().toJson(run(state)))));
            if (state.inEpoch()) archive.write("losses", state.losses());
            write(archive, "generator", random);
            // dropout may have drawn since; after a lost rank, so has a step that is not saved
            if (afterAStep) write(archive, "now", randomStates());
            OutputArchive network = new OutputArchive(archive.compilation_unit());
            trainer.network().save(network);
            archive.write("network", network);
            OutputArchive optimizer = new OutputArchive(archive.compilation_unit());
            trainer.optimizer().save(optimizer);
            archive.write("optimizer", optimizer);
            AtomicFile.write(file, temporary -> {
                try (OutputStream out = Files.newOutputStream(temporary);
                        ArchiveOutput output = new ArchiveOutput(out)) {
                    archive.save_to(output);
                    output.requireWritten();
                }
            });
        }
    }

    private static void write(OutputArchive archive, String name, List<byte[]> states) {
        for (int i = 0; i < states.size(); i++) {
            archive.write(name + i, Tensors.of(states.get(i), states.get(i).length));
        }
    }

    /** Restores the states of the generators. */
    private void setRandom(List<byte[]> states) {
        try (PointerScope scope = new PointerScope()) {
            trainer.generators()
                    .restore(states.stream()
                            .map(state -> Tensors.of(state, state.length))
                            .toList());
        }
    }

    private Run run(TrainingState state) {
        Task<?> task = trainer.task();
        return new Run(
                FORMAT,
                task.model(),
                shapes(),
                task.settings(),
                dataset,
                kind(),
                optimizer(),
                task.seed(),
                task.batchSize(),
                state.epochs(),
                state.steps(),
                state.seconds());
    }

    private Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        trainer.network().state().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        return shapes;
    }

    /**
     * Returns the bytes of the last run's checkpoint, in the open scope; an empty tensor if there is none.
     *
     * @throws CheckpointException if a checksum is wrong
     */
    public Tensor read() {
        if (!Files.exists(file)) return Tensors.of(new byte[0], 0);
        try {
            requireUndamaged();
            LongOptional size = new LongOptional(Files.size(file));
            TensorOptions bytes = new TensorOptions(ScalarType.Byte);
            return torch.from_file(NativeText.of(file), new BoolOptional(false), size, bytes);
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw CheckpointException.damaged(file.toString(), LibTorch.firstLine(e), e);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "check its permissions", e);
        }
    }

    /** Checks the checksums of the file, which libtorch does not. */
    private void requireUndamaged() throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
                in.transferTo(OutputStream.nullOutputStream());
                if (in.getChecksum().getValue() != entry.getCrc())
                    throw new ZipException(entry.getName() + " is damaged");
            }
        }
    }

    /**
     * Restores network, optimizer and generators from the last run's checkpoint.
     *
     * @return the state of the run, in the open scope; {@link TrainingState#START} if there is no checkpoint
     * @throws CheckpointException if it is damaged, or of a run with another network, other options or data
     */
    public TrainingState resume() {
        try (Tensor content = read()) {
            return restore(content);
        }
    }

    /**
     * Restores network, optimizer and generators from a checkpoint.
     *
     * @param content bytes of a checkpoint, or an empty tensor
     * @return the state of the run, in the open scope; {@link TrainingState#START} without a checkpoint
     * @throws CheckpointException if it is damaged, or of a run with another network, other options or data
     */
    public TrainingState restore(Tensor content) {
        if (content.numel() == 0) return TrainingState.START;
        Tensor losses = new Tensor();
        Run run;
        try (PointerScope scope = new PointerScope()) {
            InputArchive archive = new InputArchive();
            archive.load_from(
                    new BytePointer(content.data_ptr()), content.numel(), new DeviceOptional(trainer.device()));
            IValue text = new IValue();
            archive.read("run", text);
            run = new Gson().fromJson(JsonParser.parseString(NativeText.string(text.toStringRef())), Run.class);
            requireSame(run);
            InputArchive network = new InputArchive();
            archive.read("network", network);
            trainer.network().load(network);
            InputArchive optimizer = new InputArchive();
            archive.read("optimizer", optimizer);
            trainer.optimizer().load(optimizer);
            random = states(archive, "generator");
            if (random.isEmpty()) throw CheckpointException.damaged(file.toString(), "it has no random numbers", null);
            setRandom(random);
            resumed = run.steps > 0 ? states(archive, "now") : List.of();
            if (run.steps > 0) archive.read("losses", losses);
            epochs.addAll(run.epochs);
        } catch (LibTorchException e) {
            throw e;
        } catch (RuntimeException e) {
            throw CheckpointException.damaged(file.toString(), LibTorch.firstLine(e), e);
        }
        return new TrainingState(List.copyOf(epochs), run.steps > 0 ? losses : null, run.steps, run.seconds);
    }

    private List<byte[]> states(InputArchive archive, String name) {
        List<byte[]> states = new ArrayList<>();
        for (int i = 0; i < trainer.generators().all().size(); i++) {
            Tensor state = new Tensor();
            if (archive.try_read(name + i, state)) states.add(Tensors.bytes(state));
        }
        return states;
    }

    /** Checks that the checkpoint is of this run, perhaps with fewer epochs. */
    private void requireSame(Run run) {
        Task<?> task = trainer.task();
        if (run.format != FORMAT) throw other("another version of this program");
        if (!run.model.equals(task.model())) throw other("another model, " + run.model);
        if (!run.dataset.isSameAs(dataset)) throw other("another data set, " + run.dataset.name());
        if (!run.device.equals(kind()))
            throw other("device " + run.device + ", which draws other noise than " + kind());
        // older files have neither optimizer nor seed nor batch size
        if (run.optimizer != null && !run.optimizer.equals(optimizer()))
            throw other("the optimizer " + run.optimizer + ", not " + optimizer());
        if (run.seed != null && run.seed != task.seed()) throw other("seed " + run.seed + ", not " + task.seed());
        if (run.batchSize != null && run.batchSize != task.batchSize())
            throw other("batches of " + run.batchSize + ", not " + task.batchSize());
        JsonObject settings = task.settings();
        differing(settings, run.settings)
                .filter(name -> !name.equals("epochs"))
                .findFirst()
                .ifPresent(name -> {
                    throw other(name + " " + run.settings.get(name) + ", not " + settings.get(name));
                });
        Map<String, long[]> shapes = shapes();
        if (!run.shapes.keySet().equals(shapes.keySet())) throw other("another network, with other layers");
        shapes.forEach((name, shape) -> {
            long[] saved = run.shapes.get(name);
            if (Arrays.equals(saved, shape)) return;
            throw other("another network: " + name + " of shape " + Arrays.toString(saved) + ", not "
                    + Arrays.toString(shape));
        });
        if (run.epochs.size() > task.epochs())
            throw other(run.epochs.size() + " epochs, more than the " + task.epochs() + " asked for");
    }

    /** Returns the names of the fields in which two objects differ. */
    public static Stream<String> differing(JsonObject one, JsonObject other) {
        TreeSet<String> names = new TreeSet<>(one.keySet());
        names.addAll(other.keySet());
        return names.stream().filter(name -> !String.valueOf(one.get(name)).equals(String.valueOf(other.get(name))));
    }

    private CheckpointException other(String difference) {
        return CheckpointException.ofAnotherRun(file.toString(), difference);
    }

    private List<byte[]> randomStates() {
        return trainer.generators().states().stream().map(Tensors::bytes).toList();
    }

    /** Returns the name of the optimizer's class, as SGD; of an anonymous class, that of its superclass. */
    private String optimizer() {
        Class<?> type = trainer.optimizer().getClass();
        while (type.getSimpleName().isEmpty()) type = type.getSuperclass();
        return type.getSimpleName();
    }

    /** Returns the type of device, which the random numbers depend on: cpu or cuda. */
    private String kind() {
        return LibTorch.kind(trainer.device());
    }
}
