package mnist.evaluation;

import java.util.stream.DoubleStream;
import libtorch.Tensors;
import mnist.data.ImageSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The plane of the two leading principal components of a set of images.
 *
 * @param mean of the images, 784
 * @param axes the two leading principal components, 784×2, orthonormal
 * @param eigenvalues the leading three of the covariance matrix, in squares of the pixels' 0..1: variances along the
 *     components
 */
public record PrincipalComponents(Tensor mean, Tensor axes, double[] eigenvalues) {
    private static final int CHUNK = 10_000; // images at a time: 31 MB

    /** Computes the components from the covariance matrix, whose singular vectors they are. */
    public static PrincipalComponents of(ImageSet set) {
        TensorOptions doubles = new TensorOptions(ScalarType.Double)
                .device(new DeviceOptional(set.pixels().device()));
        Tensor sum = torch.zeros(new long[] {784}, doubles);
        Tensor products = torch.zeros(new long[] {784, 784}, doubles);
        long n = set.size();
        for (long from = 0; from < n; from += CHUNK) {
            try (PointerScope scope = new PointerScope()) {
                Tensor x = set.images(from, Math.min(CHUNK, n - from)).flatten(1, -1); // N×784
                sum.add_(x.sum(0));
                products.add_(x.t().matmul(x));
            }
        }
        Tensor mean = sum.div(new Scalar(n));
        Tensor covariance = products.div(new Scalar(n)).sub(mean.outer(mean));
        T_TensorTensorTensor_T svd = svd(covariance); // its singular values are its eigenvalues: none is negative
        return new PrincipalComponents(
                mean.to(set.type()),
                svd.get0().narrow(1, 0, 2).to(set.type()).contiguous(),
                Tensors.doubles(svd.get1().narrow(0, 0, 3)));
    }

    /** Projects images, N×1×28×28, onto the plane: N×2. */
    public Tensor encode(Tensor images) {
        return images.flatten(1, -1).sub(mean).matmul(axes);
    }

    /** Returns the points of the plane as images, N×1×28×28. */
    public Tensor decode(Tensor z) {
        return z.matmul(axes.t()).add(mean).view(-1, 1, 28, 28);
    }

    /**
     * Returns the principal angles between this plane and the one that the columns span, in degrees, the smaller first.
     *
     * @param columns 784×2
     */
    public double[] anglesTo(Tensor columns) {
        Tensor basis = svd(columns.to(ScalarType.Double)).get0();
        Tensor cosines = svd(basis.t().matmul(axes.to(ScalarType.Double))).get1();
        return DoubleStream.of(Tensors.doubles(cosines))
                .map(cosine -> Math.toDegrees(Math.acos(Math.min(1, cosine))))
                .toArray();
    }

    private static T_TensorTensorTensor_T svd(Tensor matrix) {
        return torch.linalg_svd(matrix, /*full_matrices*/ false, new StringViewOptional());
    }
}
