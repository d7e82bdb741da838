package mnist.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mnist.data.Dataset;
import mnist.figures.LossPlot;
import mnist.runtime.AtomicFile;
import mnist.runtime.UserError;
import mnist.runtime.Versions;
import mnist.training.EpochMetrics;

/**
 * How a model was trained: enough to repeat the run.
 *
 * @param problem the command that trained it, as "prob6"
 * @param metrics what was measured after training; a record of the problem's own
 * @param threads of each process
 * @param ranks how many processes trained together
 */
public record RunRecord(
        String problem,
        String model,
        JsonObject options,
        List<EpochMetrics> epochs,
        Object metrics,
        Dataset.Identity dataset,
        Versions versions,
        String device,
        int threads,
        int ranks) {
    /** Ends the files' names. */
    public static final String SUFFIX = ".json";

    public String toJson() {
        return new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n";
    }

    /** Writes it as NAME.json. */
    void save(Path folder) {
        AtomicFile.write(folder.resolve(model + SUFFIX), temporary -> Files.writeString(temporary, toJson()));
    }

    public EpochMetrics lastEpoch() {
        return epochs.get(epochs.size() - 1);
    }

    /**
     * Reads a record that was saved.
     *
     * @throws UserError where the file is none
     */
    public static JsonObject read(Path file) {
        try {
            JsonObject record = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            for (String part :
                    List.of("model", "options", "epochs", "metrics", "dataset", "versions", "threads", "device")) {
                if (!record.has(part))
                    throw new UserError(
                            file + " is not a run record: it has no " + part, "name a NAME.json that a run saved");
            }
            return record;
        } catch (CharacterCodingException | JsonParseException | IllegalStateException e) {
            throw new UserError(file + " is not a run record", "name a NAME.json that a run saved", e);
        } catch (IOException e) {
            throw new UserError(
                    "cannot read " + file + " (" + AtomicFile.reason(e) + ")", "name a NAME.json that a run saved", e);
        }
    }

    /** Returns the losses, to be drawn. */
    public LossPlot.Curve curve(String name) {
        return new LossPlot.Curve(
                name,
                epochs.stream().mapToDouble(EpochMetrics::trainLoss).toArray(),
                epochs.stream().mapToDouble(EpochMetrics::testLoss).toArray());
    }
}
