package mnist.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import libtorch.AtomicFile;
import libtorch.Versions;
import libtorch.data.Dataset;
import libtorch.data.Sha256;
import libtorch.training.EpochMetrics;
import mnist.figures.Figure;
import mnist.figures.Plots;
import mnist.system.UserError;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run, sufficient to repeat it.
 *
 * @param problem the command that trained the model, such as "prob6"
 * @param metrics measured after training; of a type of the problem
 * @param machine the processor; absent in older records
 * @param threads of each process
 * @param ranks number of processes
 * @param formats of the saved model, such as "pt"; absent in older records
 * @param replicates results of the other seeds; absent in older records
 */
public record RunRecord(
        String problem,
        String model,
        JsonObject options,
        List<EpochMetrics> epochs,
        Object metrics,
        Dataset dataset,
        Versions versions,
        String machine,
        String device,
        int threads,
        int ranks,
        List<String> formats,
        List<Replicate> replicates) {
    /** The results of training with another seed. */
    public record Replicate(long seed, List<EpochMetrics> epochs, Object metrics) {}

    /** The members that every record has, each with a test of its type. */
    private static final Map<String, Predicate<JsonElement>> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("model", JsonElement::isJsonPrimitive);
        KINDS.put("options", JsonElement::isJsonObject);
        KINDS.put("epochs", JsonElement::isJsonArray);
        KINDS.put("metrics", JsonElement::isJsonObject);
        KINDS.put("dataset", JsonElement::isJsonObject);
        KINDS.put("versions", JsonElement::isJsonObject);
        KINDS.put("threads", JsonElement::isJsonPrimitive);
        KINDS.put("device", JsonElement::isJsonPrimitive);
    }

    private static final String TAG = "run ";

    /** Suffix of the files' names. */
    public static final String SUFFIX = ".json";

    public String toJson() {
        return new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n";
    }

    /** Returns the texts that identify the runs of a figure: the digests of their records. */
    public static Map<String, String> tags(RunRecord... records) {
        return Stream.of(records)
                .collect(Collectors.toMap(
                        record -> TAG + record.model,
                        record -> Sha256.of(record.toJson().getBytes(StandardCharsets.UTF_8))));
    }

    /**
     * Requires that a figure is of the runs whose records are in a folder. A figure without such texts is of an older
     * version.
     *
     * @param remedy what to do if it is of other runs
     */
    public static void requireSameRuns(Path figure, Path saved, String remedy) {
        Figure.texts(figure).forEach((tag, digest) -> {
            if (!tag.startsWith(TAG)) return;
            Path record = saved.resolve(tag.substring(TAG.length()) + SUFFIX);
            try {
                if (Sha256.of(Files.readAllBytes(record)).equals(digest)) return;
                throw new UserError(figure + " is of another run than " + record, remedy);
            } catch (IOException e) {
                throw AtomicFile.cannotRead(record, remedy, e);
            }
        });
    }

    /** Writes the record as NAME.json. */
    void save(Path folder) {
        AtomicFile.write(folder.resolve(model + SUFFIX), temporary -> Files.writeString(temporary, toJson()));
    }

    public EpochMetrics lastEpoch() {
        return epochs.get(epochs.size() - 1);
    }

    /**
     * Reads a record that was saved.
     *
     * @throws UserError if the file is not a run record
     */
    public static JsonObject read(Path file) {
        try {
            JsonObject record = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            KINDS.forEach((part, kind) -> {
                if (!record.has(part)) throw notARecord(file, "it has no " + part, null);
                if (!kind.test(record.get(part))) throw notARecord(file, "its " + part + " is of another kind", null);
            });
            JsonElement digest = record.getAsJsonObject("dataset").get("sha256");
            if (digest == null || !digest.isJsonPrimitive()) throw notARecord(file, "its dataset has no sha256", null);
            return record;
        } catch (CharacterCodingException | JsonParseException | IllegalStateException e) {
            throw notARecord(file, "", e);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "name a NAME.json that a run saved", e);
        }
    }

    private static UserError notARecord(Path file, String why, @Nullable Exception cause) {
        String what = file + " is not a run record" + (why.isEmpty() ? "" : ": " + why);
        return new UserError(what, "name a NAME.json that a run saved", cause);
    }

    /** Returns the losses of all seeds, for a figure. */
    public Plots.Losses curve(String name) {
        return new Plots.Losses(name, losses(EpochMetrics::trainLoss), losses(EpochMetrics::testLoss));
    }

    private List<double[]> losses(ToDoubleFunction<EpochMetrics> loss) {
        return Stream.concat(Stream.of(epochs), replicates.stream().map(Replicate::epochs))
                .map(seed -> seed.stream().mapToDouble(loss).toArray())
                .toList();
    }
}
