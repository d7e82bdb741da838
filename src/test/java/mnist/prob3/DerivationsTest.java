package mnist.prob3;

import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mnist.UsesLibTorch;
import mnist.runtime.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Checks what the written answers to problems 2 and 3 derive with libtorch's autograd. */
class DerivationsTest implements UsesLibTorch {
    private static Tensor randn(long... shape) {
        return torch.randn(shape, new TensorOptions(ScalarType.Double));
    }

    private static double distance(Tensor left, Tensor right) {
        return left.sub(right).abs().max().item_double();
    }

    /** Problem 2.2: softmax with the log-likelihood cost gives δ = a - y. */
    @Test
    void theErrorOfASoftmaxLayerWithLogLikelihoodIsTheDifferenceToTheTarget() {
        torch.manual_seed(1);
        for (int digit = 0; digit < 10; digit++) {
            Tensor z = randn(10).set_requires_grad(true);
            log_softmax(z, 0).select(0, digit).neg().backward();
            Tensor y = torch.zeros(new long[] {10}, new TensorOptions(ScalarType.Double));
            y.select(0, digit).fill_(new Scalar(1));
            assertTrue(distance(z.grad(), torch.softmax(z.detach(), 0).sub(y)) < 1e-15);
        }
    }

    /**
     * Problem 2.3: with linear neurons the factor σ' is 1 in every error, so δ of a layer is the weights' transpose
     * times δ of the next.
     */
    @Test
    void linearBackpropagationIsMultiplicationByTheTransposedWeights() {
        torch.manual_seed(2);
        Tensor x = randn(4);
        Tensor y = randn(2);
        Tensor w1 = randn(3, 4).set_requires_grad(true);
        Tensor b1 = randn(3).set_requires_grad(true);
        Tensor w2 = randn(2, 3).set_requires_grad(true);
        Tensor b2 = randn(2).set_requires_grad(true);
        Tensor a1 = w1.mv(x).add(b1);
        Tensor a2 = w2.mv(a1).add(b2);
        a2.sub(y).square().sum().div(new Scalar(2)).backward();
        Tensor delta2 = a2.detach().sub(y);
        Tensor delta1 = w2.detach().t().mv(delta2);
        assertTrue(distance(b2.grad(), delta2) < 1e-14);
        assertTrue(distance(b1.grad(), delta1) < 1e-14);
        assertTrue(distance(w2.grad(), delta2.outer(a1.detach())) < 1e-14);
        assertTrue(distance(w1.grad(), delta1.outer(x)) < 1e-14);
    }

    /**
     * Problem 3.1: -[a ln y + (1-a) ln(1-y)] is infinite at y = 0 and y = 1; -[y ln a + (1-y) ln(1-a)] is not, for a
     * sigmoid's a.
     */
    @Test
    void onlyTheSecondFormOfCrossEntropyBreaksDownAtTargetsOfZeroAndOne() {
        Tensor a = torch.sigmoid(randn(100));
        for (double y : new double[] {0, 1}) {
            Tensor second = a.mul(new Scalar(Math.log(y)))
                    .add(a.neg().add(new Scalar(1)).mul(new Scalar(Math.log(1 - y))))
                    .neg();
            assertEquals(100, second.isinf().sum().item_long());
            Tensor first = (y == 1 ? a.log() : a.neg().add(new Scalar(1)).log())
                    .neg(); // the other term is 0 times a finite number
            assertEquals(100, first.isfinite().sum().item_long());
        }
    }

    /** Problem 3.2: over z, the cross-entropy is least where σ(z) = y, and there it is -[y ln y + (1-y) ln(1-y)]. */
    @Test
    void crossEntropyIsLeastWhereTheOutputIsTheTarget() {
        for (double y : new double[] {0.1, 0.3, 0.5, 0.9}) {
            double best = Math.log(y / (1 - y)); // σ(best) = y
            double[] zs = {best, best - 1e-3, best + 1e-3, best - 2, best + 2};
            Tensor z = Tensor.create(zs).set_requires_grad(true);
            Tensor a = torch.sigmoid(z);
            Tensor cost = a.log()
                    .mul(new Scalar(y))
                    .add(a.neg().add(new Scalar(1)).log().mul(new Scalar(1 - y)))
                    .neg();
            cost.sum().backward();
            double[] costs = Tensors.doubles(cost);
            double[] slopes = Tensors.doubles(z.grad());
            assertEquals(0, slopes[0], 1e-15);
            assertEquals(-(y * Math.log(y) + (1 - y) * Math.log(1 - y)), costs[0], 1e-15);
            for (int i = 1; i < zs.length; i++) {
                assertTrue(costs[i] > costs[0]);
                assertEquals(
                        SigmoidNetwork.sigmoid(zs[i]) - y,
                        slopes[i],
                        1e-14); // falling before, rising after: the only minimum
            }
        }
    }
}
