package mnist.study;

import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import libtorch.Tensors;
import libtorch.training.Evaluation;
import mnist.data.ImageSet;
import mnist.evaluation.ImageErrors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The errors of simple denoising filters on test images: mean squared errors per pixel against the clean ones. Each
 * filter's width is the best of a few on training images; outputs are clipped to 0..1.
 *
 * @param clippedLoss of the noisy images themselves
 * @param blurStd standard deviation of the Gaussian blur, in pixels
 * @param medianSide of the median filter's square window, in pixels
 */
public record NoiseFilters(double clippedLoss, double blurStd, double blurLoss, int medianSide, double medianLoss) {
    private static final int TRAINING_IMAGES = 500;
    private static final List<Double> BLURS = List.of(0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5);
    private static final List<Integer> MEDIANS = List.of(3, 5);
    private static final int RADIUS = 4; // of the blur's kernel: more than two and a half of its largest deviation

    /**
     * Measures the filters.
     *
     * @param test noisy test images, with the clean ones as targets
     */
    static NoiseFilters of(ImageSet train, double std, long seed, Evaluation test) {
        ImageSet some = train.first(TRAINING_IMAGES);
        Evaluation training = new Evaluation(null, some.test(std, seed + 1), test.device()); // test has the seed's
        double blur = best(BLURS, s -> loss(training, x -> blur(x, s)));
        int median = best(MEDIANS, side -> loss(training, x -> median(x, side)));
        return new NoiseFilters(
                loss(test, x -> x), blur, loss(test, x -> blur(x, blur)), median, loss(test, x -> median(x, median)));
    }

    private static <T> T best(List<T> widths, ToDoubleFunction<T> loss) {
        record Tried<T>(T width, double loss) {}
        Stream<Tried<T>> tried = widths.stream().map(width -> new Tried<>(width, loss.applyAsDouble(width)));
        return tried.min(Comparator.comparingDouble(Tried::loss)).orElseThrow().width();
    }

    private static double loss(Evaluation noisy, UnaryOperator<Tensor> filter) {
        ScalarOptional paper = new ScalarOptional(new Scalar(0));
        ScalarOptional ink = new ScalarOptional(new Scalar(1));
        return ImageErrors.mean(noisy, inputs -> filter.apply(inputs).clamp(paper, ink));
    }

    /** Blurs images, N×1×H×W, padded with zeros. */
    static Tensor blur(Tensor x, double std) {
        double[] weights = new double[2 * RADIUS + 1];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(-(i - RADIUS) * (i - RADIUS) / (2 * std * std));
            sum += weights[i];
        }
        Tensor kernel = Tensors.of(weights, weights.length).div(new Scalar(sum)).to(x.device(), x.scalar_type());
        Tensor rows = convolve(x, kernel.view(1, 1, 1, -1), 0, RADIUS);
        return convolve(rows, kernel.view(1, 1, -1, 1), RADIUS, 0);
    }

    private static Tensor convolve(Tensor x, Tensor kernel, long vertical, long horizontal) {
        long[] one = {1, 1};
        return torch.conv2d(x, kernel, new TensorOptional(), one, new long[] {vertical, horizontal}, one, 1);
    }

    /** Replaces each pixel of images, N×1×H×W, by the median of a window around it; images are padded with zeros. */
    static Tensor median(Tensor x, int side) {
        long[] one = {1, 1};
        long padding = side / 2;
        Tensor windows = torch.im2col(x, new long[] {side, side}, one, new long[] {padding, padding}, one); // N×k²×HW
        return torch.median(windows, 1).get0().view(x.size(0), 1, x.size(2), x.size(3));
    }
}
