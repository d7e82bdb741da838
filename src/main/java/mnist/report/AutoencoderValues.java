package mnist.report;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.LatentAxes;
import mnist.evaluation.Sample;
import mnist.prob5.Prob5;
import mnist.prob6.Measurements;
import mnist.prob6.NoiseFilters;
import mnist.prob6.Prob6;
import org.jspecify.annotations.Nullable;

/**
 * An autoencoder of problem 5 or 6: quantities over its seeds, and the network of the first seed, which is shown.
 *
 * @param shown what that network does with the first test images
 */
public record AutoencoderValues(FinishedRun<Metrics> run, ShownNetwork shown) {
    /**
     * What was measured with one seed.
     *
     * @param tests with other inputs and codes; null in problem 5
     */
    public record Metrics(
            double testLoss,
            double inputLoss,
            EmbeddingQuality embedding,
            LatentAxes axes,
            ImageErrors errors,
            @Nullable Measurements tests) {
        private static Metrics of(Prob5.Metrics m) {
            return new Metrics(m.testLoss(), 0, m.embedding(), m.axes(), m.errors(), null);
        }

        private static Metrics of(Prob6.Metrics m) {
            Measurements tests = m.measurements();
            return new Metrics(m.testLoss(), m.inputLoss(), m.embedding(), tests.axes(), tests.errors(), tests);
        }

        private Measurements tested() {
            if (tests == null) throw new IllegalStateException("problem 5 has no such tests");
            return tests;
        }
    }

    /** How much of a feature's variance the place in the plane explains, for all images and within the digits. */
    public record Feature(String name, Sample overall, Sample within) {}

    static AutoencoderValues fullyConnected(FinishedRun<Prob5.Metrics> run, ShownNetwork shown) {
        return new AutoencoderValues(run.as(Metrics::of), shown);
    }

    static AutoencoderValues convolutional(FinishedRun<Prob6.Metrics> run, ShownNetwork shown) {
        return new AutoencoderValues(run.as(Metrics::of), shown);
    }

    /** Leaves only the seeds that another has, too. */
    AutoencoderValues withSeedsOf(AutoencoderValues other) {
        return new AutoencoderValues(run.withSeedsOf(other.run), shown);
    }

    public String model() {
        return run.model();
    }

    /** Returns the variant's name, in problem 6. */
    public String name() {
        return run.record().options().get("variant").getAsString();
    }

    /** Returns the quality of the embedding that is shown. */
    public EmbeddingQuality embedding() {
        return run.metrics().embedding();
    }

    public Sample testLoss() {
        return run.measured(Metrics::testLoss);
    }

    /** Returns the root of the mean squared error of the network that is shown. */
    public double rootMeanSquare() {
        return Math.sqrt(run.metrics().testLoss());
    }

    public Sample inputLoss() {
        return run.measured(Metrics::inputLoss);
    }

    /** Returns the training loss of the last epoch. */
    public Sample trainLoss() {
        return run.sample(seed -> seed.lastEpoch().trainLoss());
    }

    public Sample firstTrainLoss() {
        return run.sample(seed -> seed.firstEpoch().trainLoss());
    }

    /** Returns the 10-NN accuracy. */
    public Sample neighbours() {
        return run.measured(m -> m.embedding.nearestNeighbourAccuracy());
    }

    public Sample silhouette() {
        return run.measured(m -> m.embedding.silhouette());
    }

    public Sample rankSilhouette() {
        return run.measured(m -> m.axes.rankSilhouette());
    }

    /** Returns what the place in the plane tells of each feature of the images. */
    public List<Feature> features() {
        List<String> names = LatentAxes.features();
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Feature(
                        names.get(i),
                        run.measured(m -> m.axes.correlations().get(i).explained()),
                        run.measured(m -> m.axes.correlations().get(i).explainedWithin())))
                .toList();
    }

    private Sample tested(ToDoubleFunction<Measurements> value) {
        return run.measured(m -> value.applyAsDouble(m.tested()));
    }

    /** Returns the test loss where each image is decoded with the code of another. */
    public Sample shuffled() {
        return tested(Measurements::shuffledCodesLoss);
    }

    /** Returns the loss against what the network was given, with its noise. */
    public Sample lossToInput() {
        return tested(Measurements::lossToInput);
    }

    /** Returns the fraction of the noise that is passed on linearly: the coefficient of the residuals on the noise. */
    public Sample passedOn() {
        return run.measured(m -> (m.testLoss + m.inputLoss - m.tested().lossToInput()) / (2 * m.inputLoss));
    }

    /** Returns the standard deviations of the noise that the network was tested with. */
    public List<Double> levels() {
        return run.metrics().tested().noise().stream()
                .map(Measurements.AtNoise::std)
                .toList();
    }

    /** Returns the test loss at one of these levels. */
    public Sample at(double std) {
        return tested(m -> m.at(std).testLoss());
    }

    /** Returns the loss of the input itself at one of these levels. */
    public Sample inputAt(double std) {
        return tested(m -> m.at(std).inputLoss());
    }

    public boolean hasFilters() {
        return run.metrics().tested().filters() != null;
    }

    /** Returns the filters that were tried on the noise of the network that is shown. */
    public NoiseFilters filters() {
        return run.metrics().tested().filters();
    }

    public Sample clipped() {
        return tested(m -> m.filters().clippedLoss());
    }

    public Sample blurred() {
        return tested(m -> m.filters().blurLoss());
    }

    public Sample median() {
        return tested(m -> m.filters().medianLoss());
    }

    /** Returns whether the blur is at least as good as the median filter, on average. */
    public boolean isBlurBest() {
        return blurred().mean() <= median().mean();
    }

    /** Compares a loss with another network's. */
    Comparison losses(AutoencoderValues other, Function<AutoencoderValues, Sample> loss) {
        return Comparison.ofLosses(loss.apply(withSeedsOf(other)), loss.apply(other.withSeedsOf(this)));
    }

    /** Compares the 10-NN accuracy with another network's. */
    Comparison accuracies(AutoencoderValues other) {
        return Comparison.ofShares(
                withSeedsOf(other).neighbours(), other.withSeedsOf(this).neighbours());
    }

    /** Compares another measure of the embedding with another network's. */
    Comparison numbers(AutoencoderValues other, Function<AutoencoderValues, Sample> measure) {
        return Comparison.ofNumbers(measure.apply(withSeedsOf(other)), measure.apply(other.withSeedsOf(this)));
    }
}
