package mnist.training;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import mnist.data.Mnist;
import mnist.runtime.AtomicFile;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Writes after every epoch what a run needs to go on as if it had never stopped: weights, the optimizer's state, the
 * state of the random numbers, and the epochs so far. On the same machine, with as many threads, a resumed run ends with
 * the bits of one that was not interrupted.
 */
final class Checkpoint implements TrainingListener {
    private final Path file;
    private final Trainer trainer;
    private final JsonObject settings;
    private final Mnist.Identity dataset;
    private final List<EpochMetrics> epochs = new ArrayList<>();

    /** The text in a checkpoint. */
    private record Run(JsonObject settings, Mnist.Identity dataset, List<EpochMetrics> epochs) {}

    Checkpoint(Path file, Trainer trainer, JsonObject settings, Mnist.Identity dataset) {
        this.file = file;
        this.trainer = trainer;
        this.settings = settings;
        this.dataset = dataset;
    }

    @Override
    public void epochDone(EpochMetrics metrics, double[] stepLosses) {
        epochs.add(metrics);
        try (PointerScope scope = new PointerScope()) {
            OutputArchive archive = new OutputArchive();
            archive.write("run", new IValue(new Gson().toJson(new Run(settings, dataset, epochs))));
            for (int i = 0; i < generators().size(); i++) archive.write("random" + i, generators().get(i).get_state());
            OutputArchive network = new OutputArchive(archive.compilation_unit());
            trainer.network().save(network);
            archive.write("network", network);
            OutputArchive optimizer = new OutputArchive(archive.compilation_unit());
            trainer.optimizer().save(optimizer);
            archive.write("optimizer", optimizer);
            AtomicFile.write(file, temporary -> archive.save_to(temporary.toString()));
        }
    }

    /**
     * Puts network, optimizer and random numbers where the last run left them.
     *
     * @param most epochs that the run may have done
     * @return the epochs that are done; none where there is no checkpoint
     * @throws UserError where the checkpoint is damaged, or of a run with other options or data
     */
    List<EpochMetrics> restore(int most) {
        if (!Files.exists(file)) {
            System.out.println("  nothing to resume: starting at the beginning");
            return List.of();
        }
        try (PointerScope scope = new PointerScope()) {
            InputArchive archive = new InputArchive();
            archive.load_from(file.toString(), new DeviceOptional(trainer.device()));
            IValue text = new IValue();
            archive.read("run", text);
            Run run = new Gson().fromJson(JsonParser.parseString(text.toStringRef().getString()), Run.class);
            requireSame(run);
            if (run.epochs.size() > most) throw other(run.epochs.size() + " epochs, more than the " + most + " asked for");
            InputArchive network = new InputArchive();
            archive.read("network", network);
            trainer.network().load(network);
            InputArchive optimizer = new InputArchive();
            archive.read("optimizer", optimizer);
            trainer.optimizer().load(optimizer);
            for (int i = 0; i < generators().size(); i++) {
                Tensor state = new Tensor();
                archive.read("random" + i, state);
                generators().get(i).set_state(state.cpu());
            }
            epochs.addAll(run.epochs);
        } catch (UserError e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UserError(file + " cannot be resumed from (" + LibTorch.firstLine(e) + ")", "delete it, or leave out --resume, to start anew", e);
        }
        System.out.println("  resuming after epoch " + epochs.size());
        return List.copyOf(epochs);
    }

    /** Refuses what would make the run another one; more epochs do not. */
    private void requireSame(Run run) {
        if (!run.dataset.equals(dataset)) throw other("another data set, " + run.dataset.name());
        TreeSet<String> names = new TreeSet<>(settings.keySet());
        names.addAll(run.settings.keySet());
        names.remove("epochs");
        for (String name : names) {
            if (!String.valueOf(settings.get(name)).equals(String.valueOf(run.settings.get(name)))) {
                throw other(name + " " + run.settings.get(name) + ", not " + settings.get(name));
            }
        }
    }

    private UserError other(String difference) {
        return new UserError(file + " is of a run with " + difference, "repeat its options, or leave out --resume to start anew");
    }

    /** Returns the generators a run draws from: the CPU's for the order of the images, and the device's for their noise. */
    private List<Generator> generators() {
        Generator cpu = torch.getDefaultCPUGenerator();
        return trainer.device().is_cuda() ? List.of(cpu, torch.globalContext().defaultGenerator(trainer.device())) : List.of(cpu);
    }
}
