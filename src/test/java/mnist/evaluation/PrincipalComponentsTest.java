package mnist.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import libtorch.Tensors;
import mnist.UsesLibTorch;
import mnist.data.ImageSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest implements UsesLibTorch {
    @Test
    void whatTheProjectionLosesIsTheRestOfTheSpectrum() {
        // With the centred images X = U S Vᵀ, projecting on two components loses the sum of the other squared singular
        // values.
        ImageSet train = UsesLibTorch.sample().train();
        Tensor x = train.images(0, 600);
        Tensor centred = x.flatten(1, -1).sub(x.flatten(1, -1).mean(0)).to(ScalarType.Double);
        Tensor s = torch.linalg_svd(centred, false, new StringViewOptional()).get1();
        double expected = s.square().narrow(0, 2, s.size(0) - 2).sum().item_double() / (600 * 784);
        PrincipalComponents pca = PrincipalComponents.of(train);
        assertEquals(expected, torch.mse_loss(pca.decode(pca.encode(x)), x).item_double(), 1e-6);
    }

    @Test
    void theEigenvaluesAreTheLeadingSquaredSingularValuesPerImage() {
        ImageSet train = UsesLibTorch.sample().train();
        Tensor x = train.images(0, 600).flatten(1, -1);
        Tensor s = torch.linalg_svd(x.sub(x.mean(0)).to(ScalarType.Double), false, new StringViewOptional())
                .get1();
        double[] eigenvalues = PrincipalComponents.of(train).eigenvalues();
        assertEquals(3, eigenvalues.length);
        for (int i = 0; i < 3; i++) assertEquals(s.square().select(0, i).item_double() / 600, eigenvalues[i], 1e-4);
    }

    @Test
    void twoImagesVaryAlongTheirDifferenceAlone() {
        byte[] pixels = new byte[2 * 784];
        for (int i = 0; i < 4; i++) pixels[i] = (byte) 255; // of the first image: at 1 instead of 0 in four pixels
        ImageSet two =
                new ImageSet(Tensors.of(pixels, 2, 1, 28, 28), torch.zeros(2).to(ScalarType.Long), ScalarType.Float);
        // half of the difference to either side of the mean: 4 (1/2)²
        assertArrayEquals(new double[] {1, 0, 0}, PrincipalComponents.of(two).eigenvalues(), 1e-6);
    }

    @Test
    void theAxesAreOrthonormal() {
        Tensor axes = PrincipalComponents.of(UsesLibTorch.sample().train()).axes();
        assertEquals(0, axes.t().matmul(axes).sub(torch.eye(2)).abs().max().item_double(), 1e-5);
    }

    @Test
    void aPlaneIsAtNoAngleToItselfHoweverItIsSpannedAndAtARightAngleToAnother() {
        PrincipalComponents plane =
                new PrincipalComponents(torch.zeros(784), torch.eye(784).narrow(1, 0, 2), new double[3]);
        Tensor mixed = plane.axes().matmul(Tensor.create(new float[] {3, 1, -2, 5}, 2, 2));
        assertArrayEquals(new double[] {0, 0}, plane.anglesTo(mixed), 1e-3);
        assertArrayEquals(new double[] {90, 90}, plane.anglesTo(torch.eye(784).narrow(1, 2, 2)), 1e-6);
        // spanned by the first axis and by one halfway between the second and a third: 0 and 45 degrees
        Tensor tilted = torch.stack(
                new org.bytedeco.pytorch.TensorVector(
                        torch.eye(784).select(1, 0).mul(new Scalar(7.0)),
                        torch.eye(784).select(1, 1).add(torch.eye(784).select(1, 2))),
                1);
        assertArrayEquals(new double[] {0, 45}, plane.anglesTo(tilted), 1e-3);
    }
}
