package mnist.report;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import mnist.evaluation.LatentAxes;
import mnist.evaluation.Sample;
import mnist.evaluation.TwoGroups;
import mnist.prob6.NoiseFilters;
import mnist.run.RunRecord;
import mnist.runtime.UserError;
import mnist.training.EpochMetrics;

/**
 * A finished run as its record tells it.
 *
 * @param json the record's own text, parsed
 * @param metrics of the first seed
 * @param seeds what came of each seed, the first one's first
 * @param <M> the problem's own record of metrics
 */
public record FinishedRun<M>(JsonObject json, RunRecord record, M metrics, List<Seed<M>> seeds) {
    /**
     * Reads {@code saved/NAME.json}.
     *
     * @throws UserError where it is no record of a run of this version
     */
    static <M> FinishedRun<M> read(Path saved, String name, Class<M> type) {
        Path file = saved.resolve(name + RunRecord.SUFFIX);
        JsonObject json = RunRecord.read(file);
        RunRecord record = new Gson().fromJson(json, RunRecord.class);
        List<Seed<M>> seeds = new ArrayList<>();
        M metrics = metrics(json.getAsJsonObject("metrics"), type, file);
        seeds.add(new Seed<>(record.options().get("seed").getAsLong(), record.epochs(), metrics));
        if (record.replicates() != null) { // absent in records of before there were any
            for (RunRecord.Replicate replicate : record.replicates()) {
                JsonObject measured = new Gson().toJsonTree(replicate.metrics()).getAsJsonObject();
                seeds.add(new Seed<>(replicate.seed(), replicate.epochs(), metrics(measured, type, file)));
            }
        }
        return new FinishedRun<>(json, record, metrics, List.copyOf(seeds));
    }

    private static <M> M metrics(JsonObject metrics, Class<M> type, Path file) {
        requireAll(metrics, type, "", file);
        return new Gson().fromJson(metrics, type);
    }

    /** Filters are measured of networks with noise, and groups where there are any. */
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

    /** What came of training with one seed. */
    public record Seed<M>(long seed, List<EpochMetrics> epochs, M metrics) {
        public EpochMetrics firstEpoch() {
            return epochs.get(0);
        }

        public EpochMetrics lastEpoch() {
            return epochs.get(epochs.size() - 1);
        }
    }

    /** Takes a value of each seed. */
    Sample sample(ToDoubleFunction<Seed<M>> value) {
        return Sample.of(seeds, value);
    }

    /** Takes a value of the metrics of each seed. */
    Sample measured(ToDoubleFunction<M> value) {
        return sample(seed -> value.applyAsDouble(seed.metrics));
    }

    /** Leaves only the seeds that another run has, too. */
    FinishedRun<M> withSeedsOf(FinishedRun<?> other) {
        List<Long> others = other.seeds.stream().map(Seed::seed).toList();
        List<Seed<M>> common =
                seeds.stream().filter(seed -> others.contains(seed.seed)).toList();
        return new FinishedRun<>(json, record, metrics, common);
    }

    /** Takes some of the metrics. */
    <N> FinishedRun<N> as(Function<M, N> part) {
        List<Seed<N>> parts = seeds.stream()
                .map(seed -> new Seed<>(seed.seed, seed.epochs, part.apply(seed.metrics)))
                .toList();
        return new FinishedRun<>(json, record, part.apply(metrics), parts);
    }

    public long firstSeed() {
        return seeds.get(0).seed();
    }

    public boolean hasSeveralSeeds() {
        return seeds.size() > 1;
    }

    /** Returns in how many seeds no epoch has a lower test loss than the last. */
    public long lowestInTheLastEpoch() {
        return seeds.stream()
                .filter(seed -> seed.epochs().stream()
                        .allMatch(epoch -> epoch.testLoss() >= seed.lastEpoch().testLoss()))
                .count();
    }

    /** Returns the training loss of an epoch, counted from 1. */
    public Sample trainLossIn(int epoch) {
        return sample(seed -> seed.epochs().get(epoch - 1).trainLoss());
    }

    /** Returns how long training took. */
    public Sample seconds() {
        return sample(seed ->
                seed.epochs().stream().mapToDouble(EpochMetrics::seconds).sum());
    }

    public String model() {
        return record.model();
    }

    public int epochs() {
        return record.epochs().size();
    }

    public boolean hasOption(String name) {
        return record.options().has(name);
    }

    public double option(String name) {
        return record.options().get(name).getAsDouble();
    }
}
