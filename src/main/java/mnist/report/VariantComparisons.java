package mnist.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import mnist.evaluation.Sample;

/** The comparisons of problem 6's variants, in the order of the tables that list them. */
record VariantComparisons(
        AutoencoderValues plain, AutoencoderValues skip, AutoencoderValues noisy, AutoencoderValues skipNoisy) {
    /** Returns what skip connections change. */
    Map<String, Comparison> skips() {
        Map<String, Comparison> table = new LinkedHashMap<>();
        table.put("testLoss", skip.losses(plain, AutoencoderValues::testLoss));
        table.put("trainLoss", skip.losses(plain, AutoencoderValues::trainLoss));
        table.put("neighbours", skip.accuracies(plain));
        table.put(
                "speed",
                Comparison.ofLosses(
                        skip.withSeedsOf(plain).firstTrainLoss(),
                        plain.withSeedsOf(skip).trainLoss()));
        table.put("plainCodes", shuffledAgainstOwnCodes(plain));
        table.put("skipCodes", shuffledAgainstOwnCodes(skip));
        table.put("noisyTestLoss", skipNoisy.losses(noisy, AutoencoderValues::testLoss));
        table.put("noisyTrainLoss", skipNoisy.losses(noisy, AutoencoderValues::trainLoss));
        table.put("noisyNeighbours", skipNoisy.accuracies(noisy));
        table.put("noisyCodes", shuffledAgainstOwnCodes(noisy));
        table.put("skipNoisyCodes", shuffledAgainstOwnCodes(skipNoisy));
        return Comparison.table(0, table);
    }

    private static Comparison shuffledAgainstOwnCodes(AutoencoderValues network) {
        return Comparison.ofLosses(network.shuffled(), network.testLoss());
    }

    /**
     * Returns what noise changes.
     *
     * @param before number of the last row of the table of skip connections
     * @param std the noise's standard deviation
     */
    Map<String, Comparison> noise(int before, double std) {
        Map<String, Comparison> table = new LinkedHashMap<>();
        table.put("noisyInput", Comparison.ofLosses(noisy.testLoss(), noisy.inputLoss()));
        table.put("skipNoisyInput", Comparison.ofLosses(skipNoisy.testLoss(), skipNoisy.inputLoss()));
        putBoth(table, "TestLoss", AutoencoderValues::testLoss);
        table.put("testLossQuotient", quotient(AutoencoderValues::testLoss));
        putBoth(table, "TrainLoss", AutoencoderValues::trainLoss);
        table.put("trainLossQuotient", quotient(AutoencoderValues::trainLoss));
        if (plain.levels().contains(std)) {
            putBoth(table, "OnNoisy", network -> network.at(std));
            putBoth(table, "OnClean", network -> network.at(0));
        }
        if (noisy.hasFilters()) {
            Sample best = noisy.isBlurBest() ? noisy.blurred() : noisy.median();
            Sample skipBest = noisy.isBlurBest() ? skipNoisy.blurred() : skipNoisy.median();
            table.put("clipping", Comparison.ofLosses(noisy.at(std), noisy.clipped()));
            table.put("noisyFilter", Comparison.ofLosses(noisy.at(std), best));
            table.put("skipNoisyFilter", Comparison.ofLosses(skipNoisy.at(std), skipBest));
        }
        table.put("plainNeighbours", noisy.accuracies(plain));
        table.put("skipNeighbours", skipNoisy.accuracies(skip));
        return Comparison.table(before, table);
    }

    /** Compares a loss of the networks trained with noise with that of those without, in both kinds of network. */
    private void putBoth(Map<String, Comparison> table, String name, Function<AutoencoderValues, Sample> loss) {
        table.put("plain" + name, noisy.losses(plain, loss));
        table.put("skip" + name, skipNoisy.losses(skip, loss));
    }

    /** Compares what noise multiplies a loss by with skip connections, and without them. */
    private Comparison quotient(Function<AutoencoderValues, Sample> loss) {
        return Comparison.ofLosses(ratio(loss, skipNoisy, skip), ratio(loss, noisy, plain));
    }

    private static Sample ratio(
            Function<AutoencoderValues, Sample> loss, AutoencoderValues noisy, AutoencoderValues clean) {
        double[] with = loss.apply(noisy.withSeedsOf(clean)).values();
        double[] without = loss.apply(clean.withSeedsOf(noisy)).values();
        return new Sample(IntStream.range(0, with.length)
                .mapToDouble(i -> with[i] / without[i])
                .toArray());
    }
}
