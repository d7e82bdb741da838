package mnist.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import libtorch.training.Evaluation;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How the error of an autoencoder is spread over images.
 *
 * @param median mean squared error per pixel of the image in the middle
 * @param largest the images with the largest errors, at most {@value Reconstructions#SHOWN}, the worst first
 */
public record ImageErrors(double median, List<ImageError> largest) {
    /**
     * The error of one image.
     *
     * @param image its number, from 0
     * @param error mean squared error per pixel
     */
    public record ImageError(int image, double error) {}

    /** Returns the mean squared error of each of N images: N. */
    public static Tensor each(Tensor images, Tensor targets) {
        return images.sub(targets).square().flatten(1, -1).mean(1);
    }

    /** Returns the mean squared error per pixel of what is computed of the inputs of all examples. */
    public static double mean(Evaluation evaluation, UnaryOperator<Tensor> computed) {
        return evaluation.mean(batch ->
                torch.mse_loss(computed.apply(batch.inputs()), batch.targets()).item_double());
    }

    /** Takes the error of each image, of which there is at least one. */
    public static ImageErrors of(double[] errors) {
        return new ImageErrors(
                new Sample(errors).median(),
                IntStream.range(0, errors.length)
                        .mapToObj(image -> new ImageError(image, errors[image]))
                        .sorted(Comparator.comparingDouble(ImageError::error).reversed())
                        .limit(Reconstructions.SHOWN)
                        .toList());
    }

    /** Returns the numbers of the images with the largest errors. */
    public long[] worst() {
        return largest.stream().mapToLong(ImageError::image).toArray();
    }
}
