package mnist.prob5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
    void theAxesAreOrthonormal() {
        Tensor axes = PrincipalComponents.of(UsesLibTorch.sample().train()).axes();
        assertEquals(0, axes.t().matmul(axes).sub(torch.eye(2)).abs().max().item_double(), 1e-5);
    }

    @Test
    void aPlaneIsAtNoAngleToItselfHoweverItIsSpannedAndAtARightAngleToAnother() {
        PrincipalComponents plane =
                new PrincipalComponents(torch.zeros(784), torch.eye(784).narrow(1, 0, 2));
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
