package mnist.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import libtorch.training.Evaluation;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The distribution of an autoencoder's error over images.
 *
 * @param median median over the images of the mean squared error per pixel
 * @param largest the images with the largest errors in descending order, at most {@value Reconstructions#SHOWN}
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

    /** Returns the mean squared error per pixel between the targets and what a function computes from the inputs. */
    public static double mean(Evaluation evaluation, UnaryOperator<Tensor> computed) {
        return evaluation.mean(batch ->
                torch.mse_loss(computed.apply(batch.inputs()), batch.targets()).item_double());
    }

    /** Summarizes the errors of at least one image. */
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
