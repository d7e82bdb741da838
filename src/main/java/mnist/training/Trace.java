package mnist.training;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mnist.runtime.AtomicFile;
import mnist.torchscript.Network;
import mnist.torchscript.Safetensors;

/** Writes what another implementation needs to follow a run: NAME.safetensors before training, NAME.json with every step's loss. */
final class Trace implements TrainingListener {
    private final Path file;
    private final JsonObject trace;
    private final List<double[]> losses = new ArrayList<>();

    Trace(Path folder, String name, Network network, JsonObject settings) {
        file = folder.resolve(name + ".json");
        trace = settings.deepCopy();
        trace.addProperty("model", name);
        Safetensors.save(folder.resolve(name + ".safetensors"), network, Map.of());
    }

    @Override
    public void epochDone(EpochMetrics metrics, double[] stepLosses) {
        losses.add(stepLosses);
        trace.add("stepLosses", new Gson().toJsonTree(losses)); // a row an epoch
        AtomicFile.write(file, temporary -> Files.writeString(temporary, trace.toString()));
    }
}
