package mnist.report;

import java.util.LinkedHashMap;
import java.util.Map;
import mnist.evaluation.Comparison;
import mnist.evaluation.Sample;
import mnist.study.Measurements;
import mnist.study.RecordedMetrics;

/** The comparisons of problem 6's variants, in the order of the tables that list them. */
record VariantComparisons(
        FinishedRun<RecordedMetrics.OfVariant> plain,
        FinishedRun<RecordedMetrics.OfVariant> skip,
        FinishedRun<RecordedMetrics.OfVariant> noisy,
        FinishedRun<RecordedMetrics.OfVariant> skipNoisy) {
    private static final String TEST_LOSS = "metrics.testLoss";
    private static final String INPUT_LOSS = "metrics.inputLoss";
    private static final String TRAIN_LOSS = "epochs.last.trainLoss";
    private static final String ACCURACY = "metrics.embedding.nearestNeighbourAccuracy";
    private static final String SHUFFLED = "metrics.measurements.shuffledCodesLoss";
    private static final String FILTERS = "metrics.measurements.filters.";

    /** Returns what skip connections change. */
    Map<String, Comparison> skips() {
        Map<String, Comparison> table = new LinkedHashMap<>();
        table.put("testLoss", losses(skip, plain, TEST_LOSS));
        table.put("trainLoss", losses(skip, plain, TRAIN_LOSS));
        table.put("neighbours", accuracies(skip, plain));
        table.put("speed", Comparison.ofLosses(skip.number("epochs.0.trainLoss"), plain.number(TRAIN_LOSS)));
        table.put("plainCodes", losses(plain, SHUFFLED, TEST_LOSS));
        table.put("skipCodes", losses(skip, SHUFFLED, TEST_LOSS));
        table.put("noisyTestLoss", losses(skipNoisy, noisy, TEST_LOSS));
        table.put("noisyTrainLoss", losses(skipNoisy, noisy, TRAIN_LOSS));
        table.put("noisyNeighbours", accuracies(skipNoisy, noisy));
        table.put("noisyCodes", losses(noisy, SHUFFLED, TEST_LOSS));
        table.put("skipNoisyCodes", losses(skipNoisy, SHUFFLED, TEST_LOSS));
        return Comparison.table(0, table);
    }

    /**
     * Returns what noise changes.
     *
     * @param before number of the last row of the table of skip connections
     * @param std the noise's standard deviation
     */
    Map<String, Comparison> noise(int before, double std) {
        Map<String, Comparison> table = new LinkedHashMap<>();
        table.put("noisyInput", losses(noisy, TEST_LOSS, INPUT_LOSS));
        table.put("skipNoisyInput", losses(skipNoisy, TEST_LOSS, INPUT_LOSS));
        table.put("plainTestLoss", losses(noisy, plain, TEST_LOSS));
        table.put("skipTestLoss", losses(skipNoisy, skip, TEST_LOSS));
        table.put("testLossQuotient", quotient(TEST_LOSS));
        table.put("plainTrainLoss", losses(noisy, plain, TRAIN_LOSS));
        table.put("skipTrainLoss", losses(skipNoisy, skip, TRAIN_LOSS));
        table.put("trainLossQuotient", quotient(TRAIN_LOSS));
        Measurements measured = plain.metrics().measurements();
        if (measured.noise().stream().anyMatch(level -> level.std() == std)) {
            table.put("plainOnNoisy", Comparison.ofLosses(at(std, noisy), at(std, plain)));
            table.put("skipOnNoisy", Comparison.ofLosses(at(std, skipNoisy), at(std, skip)));
            table.put("plainOnClean", Comparison.ofLosses(at(0, noisy), at(0, plain)));
            table.put("skipOnClean", Comparison.ofLosses(at(0, skipNoisy), at(0, skip)));
        }
        if (noisy.metrics().measurements().filters() != null) {
            String best = FILTERS + bestFilter();
            table.put("clipping", Comparison.ofLosses(at(std, noisy), noisy.number(FILTERS + "clippedLoss")));
            table.put("noisyFilter", Comparison.ofLosses(at(std, noisy), noisy.number(best)));
            table.put("skipNoisyFilter", Comparison.ofLosses(at(std, skipNoisy), skipNoisy.number(best)));
        }
        table.put("plainNeighbours", accuracies(noisy, plain));
        table.put("skipNeighbours", accuracies(skipNoisy, skip));
        return Comparison.table(before, table);
    }

    /** Returns the test loss on the first test images, with noise of a standard deviation that was measured. */
    private static Sample at(double std, FinishedRun<RecordedMetrics.OfVariant> run) {
        return run.measured(m -> m.measurements().at(std).testLoss());
    }

    /** Names the filter that is the best on average, as the records do. */
    private String bestFilter() {
        boolean blur = noisy.number(FILTERS + "blurLoss").mean()
                <= noisy.number(FILTERS + "medianLoss").mean();
        return blur ? "blurLoss" : "medianLoss";
    }

    private static Comparison losses(FinishedRun<?> run, FinishedRun<?> other, String loss) {
        return Comparison.ofLosses(run.number(loss), other.number(loss));
    }

    private static Comparison losses(FinishedRun<?> run, String loss, String other) {
        return Comparison.ofLosses(run.number(loss), run.number(other));
    }

    private static Comparison accuracies(FinishedRun<?> run, FinishedRun<?> other) {
        return Comparison.ofShares(run.number(ACCURACY), other.number(ACCURACY));
    }

    /** Compares what noise multiplies a loss by with skip connections, and without them. */
    private Comparison quotient(String loss) {
        return Comparison.ofLosses(
                skipNoisy.number(loss).with(skip.number(loss), (noise, clean) -> noise / clean),
                noisy.number(loss).with(plain.number(loss), (noise, clean) -> noise / clean));
    }
}
