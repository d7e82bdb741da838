package mnist.report;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mnist.evaluation.Sample;
import mnist.prob4.Prob4;
import mnist.prob4.Window;
import mnist.prob5.Prob5;
import mnist.prob6.Variant;
import mnist.study.FilterEdge;
import mnist.study.RecordedMetrics;
import mnist.system.UserError;

/** The values of the report's templates, from the records of the runs. */
record ReportValues(
        FinishedRun<RecordedMetrics.OfClassifier> cnn,
        FinishedRun<RecordedMetrics.OfAutoencoder> ae,
        FinishedRun<RecordedMetrics.OfVariant> plain,
        FinishedRun<RecordedMetrics.OfVariant> skip,
        FinishedRun<RecordedMetrics.OfVariant> noisy,
        FinishedRun<RecordedMetrics.OfVariant> skipNoisy) {
    /** The layers of problem 4.1. */
    private static final List<Window> WINDOWS = List.of(
            new Window(4, 1, 1, false),
            new Window(8, 5, 0, false),
            new Window(10, 2, 2, true),
            new Window(2, 1, 0, true));

    /** Reads the records of the runs. */
    static ReportValues read(Path saved) {
        return new ReportValues(
                FinishedRun.read(saved, Prob4.MODEL, RecordedMetrics.OfClassifier.class),
                FinishedRun.read(saved, Prob5.MODEL, RecordedMetrics.OfAutoencoder.class),
                read(saved, Variant.PLAIN),
                read(saved, Variant.SKIP),
                read(saved, Variant.NOISY),
                read(saved, Variant.SKIP_NOISY));
    }

    private static FinishedRun<RecordedMetrics.OfVariant> read(Path saved, Variant variant) {
        return FinishedRun.read(saved, variant.model, RecordedMetrics.OfVariant.class);
    }

    /** Returns the runs of the classifier and of the autoencoders, in this order. */
    List<FinishedRun<?>> runs() {
        return List.of(cnn, ae, plain, skip, noisy, skipNoisy);
    }

    /**
     * Refuses runs that cannot be compared.
     *
     * @throws UserError if the records differ in their data or options
     */
    void requireComparable() {
        for (FinishedRun<?> run : runs()) {
            if (!run.record().dataset().isSameAs(cnn.record().dataset()))
                throw new UserError(
                        run.model() + " and " + cnn.model() + " were trained on different data",
                        "train all problems on the same");
        }
        for (FinishedRun<?> run : List.of(skip, noisy, skipNoisy)) {
            boolean hasNoise = !run.model().equals(skip.model());
            if (!settings(run).equals(settings(plain)) || (hasNoise && run.option("noise") != noisy.option("noise")))
                throw new UserError(
                        run.model() + " was trained with other options than the rest of problem 6", "run make prob6");
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
     * @param shown results of the saved autoencoders for the first test images, by their names
     */
    Map<String, Object> values(Map<String, ShownNetwork> shown) {
        Map<String, Object> values = new HashMap<>();
        values.put("runs", runs());
        values.put("cnn", cnn);
        values.put("ae", ae);
        values.put("plain", plain);
        values.put("skip", skip);
        values.put("noisy", noisy);
        values.put("skipNoisy", skipNoisy);
        values.put("shown", shown);
        values.put("confusions", Confusions.of(cnn));
        values.put(
                "edgeShare",
                cnn.measured(m -> Sample.of(m.edges(), FilterEdge::share).mean()));
        values.put(
                "detectors",
                cnn.measured(
                        m -> m.edges().stream().filter(FilterEdge::isDetector).count()));
        values.put("noisyPassed", noisy.measured(ReportValues::passedOn));
        values.put("skipNoisyPassed", skipNoisy.measured(ReportValues::passedOn));
        values.put("windows", WINDOWS);
        return values;
    }

    /**
     * Returns the fraction of the noise that is passed on linearly: the residuals' regression coefficient on the noise.
     */
    private static double passedOn(RecordedMetrics.OfVariant m) {
        return (m.testLoss() + m.inputLoss() - m.measurements().lossToInput()) / (2 * m.inputLoss());
    }
}
