package mnist.run;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.export.Safetensors;
import libtorch.training.EpochMetrics;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a trace for comparison with another implementation: the initial weights as NAME.safetensors, and every step's
 * loss as NAME.json.
 */
final class StepLosses implements TrainingListener {
    private final Path file;
    private final JsonObject trace;
    private final List<double[]> losses = new ArrayList<>();

    StepLosses(Path folder, Trainer<?> trainer) {
        String model = trainer.task().model();
        file = folder.resolve(model + ".json");
        trace = trainer.task().settings().deepCopy();
        trace.addProperty("model", model);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> weights = trainer.network().snapshot(List.of()).state();
            Safetensors.save(folder.resolve(model + Safetensors.SUFFIX), weights, Map.of());
        }
    }

    @Override
    public void epochDone(EpochMetrics metrics, double[] stepLosses) {
        losses.add(stepLosses);
        trace.add("stepLosses", new Gson().toJsonTree(losses)); // a row per epoch
        AtomicFile.write(file, temporary -> Files.writeString(temporary, trace.toString()));
    }
}
