package mnist.report;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import mnist.run.RunRecord;
import mnist.runtime.UserError;
import mnist.training.EpochMetrics;

/**
 * A finished run as its record tells it.
 *
 * @param json the record's own text, parsed
 * @param <M> the problem's own record of metrics
 */
record FinishedRun<M>(JsonObject json, RunRecord record, M metrics) {
    /**
     * Reads {@code saved/NAME.json}.
     *
     * @throws UserError where it is no record of a run of this version
     */
    static <M> FinishedRun<M> read(Path saved, String name, Class<M> type) {
        Path file = saved.resolve(name + RunRecord.SUFFIX);
        JsonObject json = RunRecord.read(file);
        JsonObject metrics = json.getAsJsonObject("metrics");
        for (RecordComponent component : type.getRecordComponents()) {
            if (!metrics.has(component.getName()))
                throw new UserError("the metrics in " + file + " lack " + component.getName(), "train the model anew");
        }
        return new FinishedRun<>(json, new Gson().fromJson(json, RunRecord.class), new Gson().fromJson(metrics, type));
    }

    String model() {
        return record.model();
    }

    EpochMetrics firstEpoch() {
        return record.epochs().get(0);
    }

    EpochMetrics lastEpoch() {
        return record.lastEpoch();
    }

    double option(String name) {
        return record.options().get(name).getAsDouble();
    }

    /** Returns on how many images the run trained, where these were not all. */
    String trainSize() {
        return record.options().has("trainSize")
                ? String.format(" on the first %,.0f images", option("trainSize"))
                : "";
    }
}
