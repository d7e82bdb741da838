package mnist.report;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import mnist.evaluation.LatentAxes;
import mnist.evaluation.Reconstructions;
import mnist.figures.EmbeddingPlot;
import mnist.prob4.FilterEdge;
import mnist.prob4.Prob4;
import mnist.prob4.Window;
import mnist.prob5.Corruption;
import mnist.prob5.Prob5;
import mnist.prob6.Measurements;
import mnist.prob6.Prob6;
import mnist.runtime.UserError;

/** The values of the report's templates, from the records of the runs. */
record ReportValues(
        FinishedRun<Prob4.Metrics> cnn,
        FinishedRun<Prob5.Metrics> ae,
        FinishedRun<Prob6.Metrics> plain,
        FinishedRun<Prob6.Metrics> skip,
        FinishedRun<Prob6.Metrics> noisy,
        FinishedRun<Prob6.Metrics> skipNoisy) {
    List<FinishedRun<?>> runs() {
        return List.of(cnn, ae, plain, skip, noisy, skipNoisy);
    }

    List<FinishedRun<?>> autoencoders() {
        return runs().subList(1, 6);
    }

    /**
     * Refuses runs that cannot be compared.
     *
     * @throws UserError where the records are of other data or of runs with other options
     */
    void requireComparable() {
        for (FinishedRun<?> run : runs()) {
            if (!run.record().dataset().equals(cnn.record().dataset())) {
                throw new UserError(
                        run.model() + " and " + cnn.model() + " were trained on different data",
                        "train all problems on the same");
            }
        }
        for (FinishedRun<?> run : List.of(skip, noisy, skipNoisy)) {
            boolean hasNoise = !run.model().equals(skip.model());
            if (!settings(run).equals(settings(plain)) || (hasNoise && run.option("noise") != noisy.option("noise"))) {
                throw new UserError(
                        run.model() + " was trained with other options than the rest of problem 6", "run make prob6");
            }
        }
    }

    private static JsonObject settings(FinishedRun<?> run) {
        JsonObject settings = run.record().options().deepCopy();
        settings.remove("variant");
        settings.remove("noise");
        return settings;
    }

    /**
     * Returns the values of problems 4 to 6 and of the bonus.
     *
     * @param shown what the saved autoencoders do with the first test images, by their names
     */
    Map<String, Object> values(Map<String, ShownNetwork> shown) {
        AutoencoderValues fullyConnected = AutoencoderValues.fullyConnected(ae, shown.get(ae.model()));
        List<AutoencoderValues> variants = List.of(plain, skip, noisy, skipNoisy).stream()
                .map(run -> AutoencoderValues.convolutional(run, shown.get(run.model())))
                .toList();
        AutoencoderValues one = variants.get(0);
        VariantComparisons comparisons = new VariantComparisons(one, variants.get(1), variants.get(2), variants.get(3));
        double noise = noisy.option("noise");
        Map<String, Comparison> skips = comparisons.skips();
        int rows = (int) skips.values().stream().filter(row -> row.pairs() > 0).count();

        Map<String, Object> values = new HashMap<>();
        values.put("runs", runs());
        values.put("cnn", new ClassifierValues(cnn));
        values.put("ae", fullyConnected);
        values.put("plain", one);
        values.put("skip", variants.get(1));
        values.put("noisy", variants.get(2));
        values.put("skipNoisy", variants.get(3));
        values.put("variants", variants);
        values.put("skips", skips);
        values.put("skipRows", rows);
        values.put("noises", comparisons.noise(rows, noise));
        values.put("std", noise);
        values.put(
                "versusPca",
                Comparison.ofLosses(
                        fullyConnected.testLoss(), ae.measured(m -> m.linear().pcaTestLoss())));
        values.put("versusAe", one.losses(fullyConnected, AutoencoderValues::testLoss));
        values.put("planes", fullyConnected.accuracies(one));
        values.put("silhouettes", fullyConnected.numbers(one, AutoencoderValues::silhouette));
        values.put("rankSilhouettes", fullyConnected.numbers(one, AutoencoderValues::rankSilhouette));
        values.put("linear", ae.metrics().linear());
        values.put("linearLoss", ae.measured(m -> m.linear().testLoss()));
        values.put("firstAngle", ae.measured(m -> m.linear().angles()[0]));
        values.put("secondAngle", ae.measured(m -> m.linear().angles()[1]));
        values.put(
                "windows",
                List.of(
                        new Window(4, 1, 1, false),
                        new Window(8, 5, 0, false),
                        new Window(10, 2, 2, true),
                        new Window(2, 1, 0, true)));
        values.put("softmax", Map.of("one", softmax(1), "ten", softmax(10)));
        values.putAll(CONSTANTS);
        return values;
    }

    private static final Map<String, Object> CONSTANTS = Map.of(
            "corruption", Map.of("std", Corruption.STD, "points", Corruption.POINTS),
            "edges",
                    Map.of(
                            "random",
                            FilterEdge.RANDOM,
                            "detector",
                            FilterEdge.DETECTOR,
                            "randomDetectors",
                            FilterEdge.RANDOM_DETECTORS),
            "some",
                    Map.of(
                            "drawn",
                            EmbeddingPlot.MOST_POINTS,
                            "featured",
                            LatentAxes.IMAGES,
                            "noised",
                            Measurements.NOISE_IMAGES,
                            "shown",
                            Reconstructions.SHOWN),
            "reconstructionSeed", Reconstructions.RANDOM_SEED,
            "root", Measurements.ROOT);

    /** Returns the softmax of 1, 2 and 3, times a factor. */
    static double[] softmax(double beta) {
        double[] powers = DoubleStream.of(1, 2, 3).map(z -> Math.exp(beta * z)).toArray();
        double sum = DoubleStream.of(powers).sum();
        return DoubleStream.of(powers).map(power -> power / sum).toArray();
    }
}
