package mnist.study;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.data.Generators;
import libtorch.nn.Activation;
import libtorch.training.Evaluation;
import mnist.data.ImageSet;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.ImageErrors;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.ConvAutoencoder.Features;
import mnist.run.Run;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Additional measurements of a trained autoencoder. Losses are mean squared errors per pixel over the test set.
 *
 * @param shuffledCodesLoss if each image is decoded with the code of another
 * @param lossToInput between reconstructions and the network's inputs, with their noise
 * @param noise losses by the noise of the input
 * @param filters simpler ways to remove the noise; null if the network is trained without noise
 * @param errors of single images, between reconstructions and clean images
 */
public record Measurements(
        double shuffledCodesLoss,
        double lossToInput,
        List<AtNoise> noise,
        @Nullable NoiseFilters filters,
        LatentAxes axes,
        ImageErrors errors) {
    /** Number of images used for the losses at several levels of noise. */
    public static final int NOISE_IMAGES = 2000;

    /** Standard deviation of the noise if 0.3 were its variance. */
    public static final double ROOT = Math.sqrt(0.3);

    /**
     * Losses for inputs with noise of a standard deviation.
     *
     * @param inputLoss between inputs and clean images
     * @param testLoss between reconstructions and clean images
     */
    public record AtNoise(double std, double inputLoss, double testLoss) {}

    /** Returns the test loss if each image is decoded with the code of another, in a fixed random order. */
    static double shuffledCodesLoss(ConvAutoencoder network, Evaluation evaluation, float[][] codes, ImageSet test) {
        Tensor order = Generators.seeded(0, new Device("cpu")).permutation(codes.length);
        Tensor shuffled = test.like(EmbeddingQuality.tensor(codes).index_select(0, order));
        long[] done = {0};
        return evaluation.mean(batch -> {
            long n = batch.inputs().size(0);
            Features own = network.features(Activation.of(batch.inputs()));
            Activation others = Activation.of(shuffled.narrow(0, done[0], n));
            done[0] += n;
            Tensor output = network.decode(new Features(others, own.pool1(), own.pool2()))
                    .tensor();
            return torch.mse_loss(output, batch.targets()).item_double();
        });
    }

    /**
     * Measures the losses of a network at several levels of noise, which are multiples of one draw, on the first
     * {@value #NOISE_IMAGES} test images.
     */
    static List<AtNoise> noise(ConvAutoencoder network, ImageSet test, double trained, long seed, Device device) {
        try (PointerScope scope = new PointerScope()) {
            ImageSet some = test.first(NOISE_IMAGES);
            Tensor draw = some.noise(1, seed);
            return DoubleStream.concat(DoubleStream.of(0, 0.1, 0.2, 0.3, 0.4, ROOT), DoubleStream.of(trained))
                    .sorted()
                    .distinct()
                    .mapToObj(std -> {
                        Examples examples = some.denoising(draw.mul(new Scalar(std)));
                        Evaluation evaluation = new Evaluation(network, examples, device);
                        return new AtNoise(
                                std,
                                ImageErrors.mean(evaluation, inputs -> inputs),
                                ImageErrors.mean(evaluation, network::forward));
                    })
                    .toList();
        }
    }

    /** Measures a trained network. */
    static Measurements of(Run<?> run, ConvAutoencoder network, Mnist data) {
        Evaluation evaluation = run.evaluation();
        float[][] points = run.embedding();
        double std = run.task().settings().get("noise").getAsDouble();
        long seed = run.task().seed();
        return new Measurements(
                shuffledCodesLoss(network, evaluation, points, data.test()),
                std > 0
                        ? evaluation.mean(batch -> torch.mse_loss(network.forward(batch.inputs()), batch.inputs())
                                .item_double())
                        : Arrays.stream(run.errors()).average().orElseThrow(),
                noise(network, data.test(), std, seed, evaluation.device()),
                std > 0 ? NoiseFilters.of(data.train(), std, seed, first(evaluation)) : null,
                LatentAxes.of(points, data.test(), Tensors.longs(data.test().labels())),
                ImageErrors.of(run.errors()));
    }

    private static Evaluation first(Evaluation evaluation) {
        Examples all = evaluation.examples();
        return new Evaluation(null, all.narrow(0, Math.min(NOISE_IMAGES, all.size())), evaluation.device());
    }
}
