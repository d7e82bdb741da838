package mnist.run;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.export.Format;
import libtorch.export.Networks;
import libtorch.export.TorchScript;
import libtorch.nn.Network;
import libtorch.training.Task;
import libtorch.training.Trainer;
import mnist.system.Machine;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes the files of a trained network.
 *
 * @param errors takes what went wrong with a file; the others are written all the same
 */
record ModelFiles(RunContext<?> context, Cores cores, Consumer<LibTorchException> errors) {
    /**
     * Saves the weights first, and the record: what cannot be had again. Of other seeds than the first, only the first
     * one's record tells.
     *
     * @param metrics what was measured; a record of the problem's own
     */
    <N extends Network> RunRecord save(Run<N> run, Object metrics) {
        Task<N> task = run.task();
        boolean first = context.isFirst(task);
        if (!first) run.training().add(new RunRecord.Replicate(task.seed(), run.epochs(), metrics));
        TrainingOptions options = context.options;
        JsonObject settings = task.settings().deepCopy();
        if (options.seeds != null) settings.addProperty("seeds", options.seeds);
        RunRecord record = new RunRecord(
                options.commandFor(task.model()),
                task.model(),
                settings,
                run.epochs(),
                metrics,
                context.data.identity(),
                Versions.current(),
                Machine.processor(),
                context.deviceName(),
                cores.threads(),
                context.rank.count(),
                Format.names(),
                first ? run.training().replicates() : List.of());
        if (first) save(record, run);
        return record;
    }

    private <N extends Network> void save(RunRecord record, Run<N> run) {
        Path folder = context.options.savedDir;
        Map<String, String> texts = Map.of(TorchScript.RECORD, record.toJson());
        try (PointerScope scope = new PointerScope()) {
            Network network = ofFloats(run);
            Tensor examples = run.evaluation().firstBatch(16).inputs().to(new Device("cpu"), ScalarType.Float);
            for (Format format : Format.values()) {
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
            errors.accept(e);
        } catch (RuntimeException e) {
            String why = "cannot write " + file + " (" + LibTorch.firstLine(e) + ")";
            errors.accept(new UserError(why, "run it again with --debug for the details", e));
        }
    }

    /** Builds the network anew, as files have it: of floats, on the CPU. */
    private static <N extends Network> Network ofFloats(Run<N> run) {
        Network network =
                Trainer.of(run.task(), new Device("cpu"), ScalarType.Float).network();
        network.load(run.network().state());
        return network;
    }
}
