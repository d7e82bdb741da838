package mnist.training;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.util.List;
import mnist.data.Mnist;
import mnist.figures.LossPlot;
import mnist.runtime.Versions;

/**
 * Says how a model came about: enough to repeat the run.
 *
 * @param metrics what was measured after training; a record of the problem's own
 */
public record RunRecord(String model, JsonObject options, List<EpochMetrics> epochs, Object metrics, Mnist.Identity dataset,
        Versions versions, String device, int threads) {
    public String toJson() {
        return new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n";
    }

    public EpochMetrics lastEpoch() {
        return epochs.get(epochs.size() - 1);
    }

    /** Returns the losses, to be drawn. */
    public LossPlot.Curve curve(String name) {
        return new LossPlot.Curve(name, epochs.stream().mapToDouble(EpochMetrics::trainLoss).toArray(),
                epochs.stream().mapToDouble(EpochMetrics::testLoss).toArray());
    }
}
