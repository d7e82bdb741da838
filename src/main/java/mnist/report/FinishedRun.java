package mnist.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import libtorch.training.EpochMetrics;
import mnist.evaluation.Sample;
import mnist.run.RunRecord;
import mnist.study.LatentAxes;
import mnist.study.NoiseFilters;
import mnist.study.TwoGroups;
import mnist.system.UserError;

/**
 * A finished run, read from its record.
 *
 * @param seeds results of each seed, in the run's order
 * @param <M> the problem's own record of metrics
 */
public record FinishedRun<M>(RunRecord record, List<Seed<M>> seeds) {
    /**
     * Reads {@code saved/NAME.json}.
     *
     * @throws UserError if it is not a run record of this version
     */
    static <M> FinishedRun<M> read(Path saved, String name, Class<M> type) {
        Path file = saved.resolve(name + RunRecord.SUFFIX);
        JsonObject json = RunRecord.read(file);
        RunRecord record = new Gson().fromJson(json, RunRecord.class);
        List<Seed<M>> seeds = new ArrayList<>();
        seeds.add(seed(record.options().get("seed").getAsLong(), json, type, file));
        if (json.has("replicates")) { // absent in older records
            for (JsonElement replicate : json.getAsJsonArray("replicates")) {
                JsonObject training = replicate.getAsJsonObject();
                seeds.add(seed(training.get("seed").getAsLong(), training, type, file));
            }
        }
        return new FinishedRun<>(record, List.copyOf(seeds));
    }

    private static <M> Seed<M> seed(long seed, JsonObject training, Class<M> type, Path file) {
        JsonObject metrics = training.getAsJsonObject("metrics");
        requireAll(metrics, type, "", file);
        return new Seed<>(seed, training, new Gson().fromJson(metrics, type));
    }

    /** Metrics that may be absent: filters are measured only with noise, and groups only if there are any. */
    private static final Set<Class<?>> OPTIONAL = Set.of(NoiseFilters.class, TwoGroups.class);

    private static void requireAll(JsonObject metrics, Class<?> type, String within, Path file) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName();
            if (OPTIONAL.contains(component.getType()) && !metrics.has(name)) continue;
            if (!metrics.has(name)) throw lacks(file, within + name);
            if (!component.getType().isRecord()) continue;
            requireAll(metrics.getAsJsonObject(name), component.getType(), within + name + ".", file);
            if (component.getType() == LatentAxes.class) requireFeatures(metrics.getAsJsonObject(name), file);
        }
    }

    private static void requireFeatures(JsonObject axes, Path file) {
        List<String> measured = new Gson()
                .fromJson(axes, LatentAxes.class).correlations().stream()
                        .map(LatentAxes.Correlation::feature)
                        .toList();
        for (String feature : LatentAxes.features())
            if (!measured.contains(feature)) throw lacks(file, "the correlations with " + feature);
    }

    private static UserError lacks(Path file, String what) {
        return new UserError("the metrics in " + file + " lack " + what, "train the model anew");
    }

    /**
     * The results of training with one seed.
     *
     * @param json the recorded values; for the first seed the whole record
     */
    public record Seed<M>(long seed, JsonObject json, M metrics) {
        Stream<EpochMetrics> epochs() {
            return Stream.of(new Gson().fromJson(json.get("epochs"), EpochMetrics[].class));
        }

        /** Returns a number by its path in the record, such as "metrics.testLoss" or "epochs.last.trainLoss". */
        double number(String path) {
            JsonElement place = json;
            for (String step : path.split("\\.")) {
                place = place instanceof JsonArray array
                        ? array.get(step.equals("last") ? array.size() - 1 : Integer.parseInt(step))
                        : place.getAsJsonObject().get(step);
                if (place == null) throw new IllegalArgumentException("the record has no " + path);
            }
            return place.getAsDouble();
        }
    }

    /** Returns a number of each seed by its path in the record, such as "metrics.testLoss". */
    public Sample number(String path) {
        return Sample.of(seeds, Seed::seed, seed -> seed.number(path));
    }

    /** Returns a value of each seed's metrics. */
    Sample measured(ToDoubleFunction<M> value) {
        return Sample.of(seeds, Seed::seed, seed -> value.applyAsDouble(seed.metrics));
    }

    /** Returns the metrics of the first seed, whose network the report shows. */
    public M metrics() {
        return seeds.get(0).metrics;
    }

    /** Returns the number of seeds whose test loss is lowest in the last epoch. */
    public long lowestInTheLastEpoch() {
        return seeds.stream()
                .filter(seed ->
                        seed.epochs().allMatch(epoch -> epoch.testLoss() >= seed.number("epochs.last.testLoss")))
                .count();
    }

    /** Returns the name of a variant of problem 6. */
    public String variant() {
        return record.options().get("variant").getAsString();
    }

    public String model() {
        return record.model();
    }

    public boolean hasOption(String name) {
        return record.options().has(name);
    }

    public double option(String name) {
        return record.options().get(name).getAsDouble();
    }
}
