package mnist.prob3;

import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import libtorch.Tensors;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Checks what the written answers to problems 1, 2 and 3 and to the bonus derive, with libtorch's autograd. */
class DerivationsTest implements UsesLibTorch {
    private static Tensor randn(long... shape) {
        return torch.randn(shape, new TensorOptions(ScalarType.Double));
    }

    private static double distance(Tensor left, Tensor right) {
        return left.sub(right).abs().max().item_double();
    }

    /** Problem 1.1: on a quadratic, a step multiplies the distance to the minimum by 1 - η C''; it shrinks for η < 2 / C''. */
    @Test
    void gradientDescentOnAQuadraticConvergesBelowTwoOverTheCurvature() {
        double minimum = 3;
        for (double curvature : new double[] {0.5, 1, 4}) {
            for (double share : new double[] {0.01, 0.5, 0.99, 1.01, 1.5}) {
                double rate = share * 2 / curvature;
                Tensor w = Tensor.create(new double[] {minimum + 1}).set_requires_grad(true);
                Tensor distance = w.sub(new Scalar(minimum));
                distance.square().mul(new Scalar(curvature / 2)).sum().backward();
                double after = 1 - rate * w.grad().item_double();
                assertEquals(1 - rate * curvature, after, 1e-14);
                assertEquals(share < 1, Math.abs(after) < 1);
            }
        }
    }

    /** Problem 1.1: a step lowers the cost by η C'² (1 - η C''(ξ) / 2), with a ξ on the way. */
    @Test
    void theChangeOfTheCostLiesBetweenThoseOfTheLeastAndTheGreatestCurvatureOnTheWay() {
        for (double rate : new double[] {0.01, 0.1, 0.3}) { // C(w) = w⁴, from w = 1: C' = 4, C'' = 12 w²
            double to = 1 - rate * 4;
            double least = to < 0 ? 0 : 12 * to * to;
            double change = Math.pow(to, 4) - 1;
            assertTrue(change > -rate * 16 * (1 - rate * least / 2));
            assertTrue(change < -rate * 16 * (1 - rate * 12 / 2));
        }
    }

    /** Problem 1.2: noise of variance s² / m in the gradient keeps a weight at the variance η s² / (m C'' (2 - η C'')). */
    @Test
    void theVarianceOfAWeightSettlesInProportionToRateOverBatchSize() {
        double curvature = 2;
        for (int m : new int[] {1, 20}) {
            double rate = 0.1;
            double variance = 0;
            for (int t = 0; t < 1000; t++)
                variance = Math.pow(1 - rate * curvature, 2) * variance + rate * rate / m; // s = 1
            assertEquals(rate / (m * curvature * (2 - rate * curvature)), variance, 1e-15);
        }
        // for small rates the excess cost, C'' v / 2, is η s² / (4 m): alike for 20 examples and a 20 times larger rate
        double excess = curvature / 2 * 1e-4 / (curvature * (2 - 1e-4 * curvature));
        assertEquals(1e-4 / 4, excess, 1e-8);
    }

    /** Problem 2.1: with f in place of σ in one neuron its error has f', and the others keep their formula. */
    @Test
    void aModifiedNeuronChangesTheFormulaOfItsOwnErrorAlone() {
        torch.manual_seed(4);
        Tensor x = randn(3);
        Tensor w1 = randn(3, 3).set_requires_grad(true);
        Tensor b1 = randn(3).set_requires_grad(true);
        Tensor w2 = randn(2, 3).set_requires_grad(true);
        Tensor b2 = randn(2).set_requires_grad(true);
        Tensor z1 = w1.mv(x).add(b1);
        Tensor modified = Tensor.create(new double[] {1, 0, 0}); // f is tanh in the first hidden neuron
        Tensor kept = Tensor.create(new double[] {0, 1, 1});
        Tensor a1 = torch.tanh(z1).mul(modified).add(torch.sigmoid(z1).mul(kept));
        Tensor a2 = torch.sigmoid(w2.mv(a1).add(b2));
        a2.sub(randn(2)).square().sum().backward();
        Tensor z = z1.detach();
        Tensor slopes = torch.tanh(z).square().neg().add(new Scalar(1)).mul(modified);
        Tensor sigma = torch.sigmoid(z);
        slopes = slopes.add(sigma.mul(sigma.neg().add(new Scalar(1))).mul(kept));
        Tensor delta1 = w2.detach().t().mv(b2.grad()).mul(slopes);
        assertTrue(distance(b1.grad(), delta1) < 1e-14);
        assertTrue(distance(w1.grad(), delta1.outer(x)) < 1e-14);
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

    /** Problem 3.1: σ is exactly 1 from 24 ln 2 in single and 53 ln 2 in double precision, and 0 below -88.7 and -709.8. */
    @Test
    void inFloatingPointTheSigmoidSaturates() {
        assertEquals(16.64, 24 * Math.log(2), 5e-3);
        assertEquals(36.74, 53 * Math.log(2), 5e-3);
        assertEquals(1, sigmoid(24 * Math.log(2) + 1e-5, ScalarType.Float));
        assertTrue(sigmoid(24 * Math.log(2) - 1e-5, ScalarType.Float) < 1);
        assertEquals(1, sigmoid(53 * Math.log(2) + 1e-12, ScalarType.Double));
        assertTrue(sigmoid(53 * Math.log(2) - 1e-12, ScalarType.Double) < 1);
        assertEquals(0, sigmoid(-88.8, ScalarType.Float));
        assertTrue(sigmoid(-88.6, ScalarType.Float) > 0);
        assertEquals(0, sigmoid(-709.9, ScalarType.Double));
        assertTrue(sigmoid(-709.7, ScalarType.Double) > 0);
        assertTrue(Double.isNaN(0 * Math.log(0))); // in the first expression at y = a = 1
    }

    private static double sigmoid(double z, ScalarType type) {
        return torch.sigmoid(Tensor.create(new double[] {z}).to(type)).item_double();
    }

    /** Problem 3.1: max(z, 0) - y z + ln(1 + e^-|z|) is the cross-entropy, and finite for every z. */
    @Test
    void theCrossEntropyOfTheWeightedInputNeverOverflows() {
        for (double y : new double[] {0, 0.3, 1}) {
            for (double z : new double[] {-1000, -30, -1, 0, 2, 30, 1000}) {
                double cost = Math.max(z, 0) - y * z + Math.log1p(Math.exp(-Math.abs(z)));
                Tensor expected = torch.binary_cross_entropy_with_logits(
                        Tensor.create(new double[] {z}), Tensor.create(new double[] {y}));
                assertEquals(expected.item_double(), cost, 1e-12);
                assertTrue(Double.isFinite(cost));
                if (Math.abs(z) <= 2) {
                    double a = SigmoidNetwork.sigmoid(z);
                    assertEquals(-(y * Math.log(a) + (1 - y) * Math.log(1 - a)), cost, 1e-14);
                }
            }
        }
    }

    /** Bonus: softmax is the gradient of the soft maximum, which approaches the maximum. */
    @Test
    void softmaxIsTheGradientOfLogSumExp() {
        double[] values = {1, 2, 3};
        for (double beta : new double[] {1, 10, 100}) {
            Tensor z = Tensor.create(values).set_requires_grad(true);
            Tensor soft = z.mul(new Scalar(beta)).logsumexp(0).div(new Scalar(beta));
            soft.backward();
            assertTrue(distance(z.grad(), torch.softmax(z.detach().mul(new Scalar(beta)), 0)) < 1e-14);
            assertTrue(soft.item_double() >= 3 && soft.item_double() - 3 <= Math.log(3) / beta);
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
