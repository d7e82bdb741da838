package mnist.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import libtorch.Tensors;
import libtorch.data.Generators;
import libtorch.nn.Activation;
import libtorch.training.Evaluation;
import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.ConvAutoencoder.Features;
import mnist.study.Measurements.AtNoise;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class MeasurementsTest implements UsesLibTorch {
    private static final Device CPU = new Device("cpu");

    @Test
    void everyImageIsDecodedWithTheCodeOfAnotherAndItsOwnPoolings() {
        torch.manual_seed(3);
        ConvAutoencoder network = new ConvAutoencoder(true);
        network.linear2.weight().detach().mul_(new Scalar(100)); // so that codes differ
        ImageSet images = UsesLibTorch.sample().train(); // 600: three batches
        Evaluation evaluation = new Evaluation(network, images.reconstruction(), CPU);
        float[][] codes = evaluation.rows(batch -> network.encode(batch.inputs()));
        double shuffled = Measurements.shuffledCodesLoss(network, evaluation, codes, images);

        Tensor x = images.images(0, 600);
        Features own = network.features(Activation.of(x));
        Tensor order = Generators.seeded(0, CPU).permutation(600);
        Activation others = Activation.of(own.z().tensor().index_select(0, order));
        Tensor output =
                network.decode(new Features(others, own.pool1(), own.pool2())).tensor();
        assertEquals(torch.mse_loss(output, x).item_double(), shuffled, 1e-7);
        double plain = torch.mse_loss(network.decode(own).tensor(), x).item_double();
        assertTrue(Math.abs(shuffled - plain) > 1e-5);
    }

    @Test
    void theNoiseGrowsFromNoneAndIncludesWhatWasTrained() {
        ConvAutoencoder network = new ConvAutoencoder(false);
        ImageSet test = UsesLibTorch.sample().test();
        List<AtNoise> noise = Measurements.noise(network, test, 0.25, 1, CPU);
        assertEquals(
                List.of(0.0, 0.1, 0.2, 0.25, 0.3, 0.4, Math.sqrt(0.3)),
                noise.stream().map(AtNoise::std).toList());
        for (AtNoise at : noise) assertEquals(at.std() * at.std(), at.inputLoss(), 0.01 * at.std());
        double clean = new Evaluation(network, test.reconstruction(), CPU)
                .mean(batch -> torch.mse_loss(network.forward(batch.inputs()), batch.targets())
                        .item_double());
        assertEquals(clean, noise.get(0).testLoss(), 1e-9);
    }

    @Test
    void aBlurSpreadsAPixelOverItsNeighboursAndKeepsItsInk() {
        float[] pixel = new float[15 * 15];
        pixel[7 * 15 + 7] = 1;
        float[] blurred = Tensors.floats(NoiseFilters.blur(Tensors.of(pixel, 1, 1, 15, 15), 1));
        assertEquals(1, sum(blurred), 1e-5);
        // e^(-1/2) to the side, e^(-1) to the corner
        assertEquals(Math.exp(-0.5), blurred[7 * 15 + 8] / blurred[7 * 15 + 7], 1e-5);
        assertEquals(Math.exp(-0.5), blurred[6 * 15 + 7] / blurred[7 * 15 + 7], 1e-5);
        assertEquals(Math.exp(-1), blurred[6 * 15 + 6] / blurred[7 * 15 + 7], 1e-5);
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) sum += value;
        return sum;
    }

    @Test
    void aMedianRemovesASpeckAndTheCornersOfASquare() {
        float[] image = new float[49];
        image[0] = 1; // a speck in the corner
        for (int row = 2; row < 5; row++) Arrays.fill(image, 7 * row + 2, 7 * row + 5, 1); // a square of 3×3
        float[] filtered = Tensors.floats(NoiseFilters.median(Tensors.of(image, 1, 1, 7, 7), 3));
        assertEquals(0, filtered[0]);
        assertEquals(0, filtered[7 * 2 + 2]); // four of nine
        assertEquals(1, filtered[7 * 2 + 3]); // six of nine
        assertEquals(5, sum(filtered));
    }

    @Test
    void filtersRemoveMoreThanClippingDoes() {
        ImageSet train = UsesLibTorch.sample().train();
        ImageSet test = UsesLibTorch.sample().test();
        Evaluation noisy = new Evaluation(null, test.denoising(test.noise(0.3, 1)), CPU);
        NoiseFilters filters = NoiseFilters.of(train, 0.3, 1, noisy);
        assertEquals(
                0.0466, filters.clippedLoss(), 0.002); // half of the noise on paper is below 0: a little over 0.09 / 2
        assertTrue(filters.blurLoss() < 0.02 && filters.medianLoss() < 0.03, filters.toString());
    }
}
