package mnist.run;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.Versions;
import libtorch.export.Format;
import libtorch.export.ModelInput;
import libtorch.export.ModelInput.Size;
import libtorch.export.ModelMethod;
import libtorch.export.Program;
import libtorch.export.TorchScript;
import libtorch.training.Checkpoint;
import libtorch.training.EpochMetrics;
import libtorch.training.Evaluation;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingState;
import mnist.run.ProgramOptions.Target;
import mnist.system.FolderLock;
import mnist.system.Machine;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Trains a program that Python exported, and saves it for Python. */
@Command(
        name = "train",
        description = "Trains a network that Python saved with torch.export.save, and saves it for Python again.")
public final class TrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.pt2", description = "An exported program, in train mode or in eval mode.")
    private Path file;

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Mixin
    private final MnistOptions.Training mnist = new MnistOptions.Training();

    @Override
    public Integer call() {
        options.validate();
        mnist.validate();
        if (!Files.isRegularFile(file))
            throw new UserError("there is no file " + file, "name a .pt2 file of torch.export.save");
        requireAnotherFile();
        AtomicFile.requireWritable(options.savedDir);
        LibTorch.load(options.threads);
        try (FolderLock lock = FolderLock.of(options.savedDir);
                PointerScope scope = new PointerScope()) {
            Device device = LibTorch.device(options.device);
            Program program = Program.open(file, device);
            LibTorch.setThreads(options.threads, program.trainingPool());
            freeze(program);
            TensorData data = options.data != null
                    ? TensorData.read(options.data, options.loss, device)
                    : TensorData.of(
                            mnist.loader().apply(device, ScalarType.Float),
                            options.target != null ? options.target : Target.labels,
                            options.loss);
            requireFitting(program, data, device);
            System.out.printf(
                    "%s%n%s, %d threads%n%n", data.summary(), device.str().getString(), options.threads);
            Trainer<Program> trainer =
                    Trainer.of(task(program, data), device, ScalarType.Float).withDefaultGenerators();
            save(trainer, data, fit(trainer, data), device);
        }
        return 0;
    }

    /** Returns the file's name without its suffix. */
    private String name() {
        return file.getFileName().toString().replaceFirst("\\.pt2$", "");
    }

    private void requireAnotherFile() {
        Path target = Format.EXPORTED_PROGRAM.file(options.savedDir, name());
        try {
            if (!Files.exists(target) || !Files.isSameFile(file, target)) return;
        } catch (IOException e) {
            throw AtomicFile.cannotRead(target, "check its permissions", e);
        }
        throw new UserError(
                "the trained program would replace " + file, "name another folder with --saved-dir, or move the file");
    }

    private void freeze(Program program) {
        try {
            options.freeze.forEach(program::freeze);
        } catch (IllegalArgumentException e) {
            throw new UserError(LibTorch.firstLine(e), "see the names with: run " + file, e);
        }
    }

    /** Refuses a program that does not accept these examples in batches of these sizes. */
    private void requireFitting(Program program, TensorData data, Device device) {
        ModelMethod forward = program.description().methods().get("forward");
        List<ModelInput> inputs = forward == null ? List.of() : forward.inputs();
        if (inputs.size() != 1 || inputs.get(0).sizes().isEmpty())
            throw new UserError(
                    file + " takes "
                            + inputs.stream().map(ModelInput::description).toList() + ", not one tensor",
                    "export a network of one input, whose first dimension counts the examples");
        Size batch = inputs.get(0).sizes().get(0);
        long last = data.train().size() % options.batchSize;
        for (long size : new long[] {Math.min(options.batchSize, data.train().size()), last}) {
            if (size == 0 || (size >= batch.least() && size <= batch.most())) continue;
            throw new UserError(
                    file + " takes " + batch.inWords() + " examples at a time, and a batch would have " + size,
                    "choose --batch-size so that all batches fit, or export it with another range");
        }
        try (PointerScope scope = new PointerScope()) {
            program.forward(
                    new Evaluation(null, data.test(), device).firstBatch(1).inputs());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UserError(
                    file + " cannot be called with these examples (" + LibTorch.firstLine(e) + ")",
                    "see what it takes with: run " + file,
                    e);
        }
    }

    private Task<Program> task(Program program, TensorData data) {
        JsonObject settings = Options.settings(options, mnist);
        settings.addProperty("loss", data.loss().toString());
        return Task.of(name(), () -> program, options.optimizer(), data.loss().function, data.train(), data.test())
                .withSeed(options.seed)
                .withEpochs(options.epochs)
                .withBatchSize(options.batchSize)
                .withSettings(settings);
    }

    private List<EpochMetrics> fit(Trainer<Program> trainer, TensorData data) {
        Path file = options.savedDir.resolve(name() + Checkpoint.SUFFIX);
        Checkpoint checkpoint = new Checkpoint(file, trainer, data.identity(), true, () -> true);
        try (StopSignal signal = new StopSignal().watch();
                Progress progress = new Progress(name(), options.epochs)) {
            TrainingState from = options.resume ? checkpoint.resume() : TrainingState.START;
            if (options.resume) progress.resumed(from);
            return trainer.fit(from, List.of(progress, checkpoint, signal));
        }
    }

    private void save(Trainer<Program> trainer, TensorData data, List<EpochMetrics> epochs, Device device) {
        RunRecord record = new RunRecord(
                "train",
                name(),
                trainer.task().settings(),
                epochs,
                new JsonObject(),
                data.identity(),
                Versions.current(),
                Machine.processor(),
                device.str().getString(),
                options.threads,
                1,
                List.of("safetensors", "pt2", "pth"),
                List.of());
        Program network = trainer.network();
        network.eval();
        Map<String, String> texts = Map.of(TorchScript.RECORD, record.toJson());
        for (Format format : List.of(Format.SAFETENSORS, Format.EXPORTED_PROGRAM, Format.STATE_DICT))
            network.save(format.file(options.savedDir, name()), texts);
        record.save(options.savedDir);
        System.out.printf("saved %s.pt2, .pth, .safetensors and .json%n", options.savedDir.resolve(name()));
    }
}
