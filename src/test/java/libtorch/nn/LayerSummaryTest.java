package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import mnist.UsesLibTorch;
import mnist.prob4.Cnn;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class LayerSummaryTest implements UsesLibTorch {
    @Test
    void theFirstConvolutionOfTheCnnMultipliesEachOutputBy25Weights() {
        LayerSummary conv1 = LayerSummary.of(new Cnn(), 1, 28, 28).get(0);
        assertEquals(new LayerSummary("conv1", "conv2d", "N×40×24×24", 40 * 26, 40 * 24 * 24 * 25), conv1);
    }

    /** Tokens through a recurrent layer, attention and a transposed convolution. */
    private static final class Mixed extends Network {
        final EmbeddingImpl embedding = embedding("embedding", 9, 4);
        final GRUImpl gru = gru("gru", 4, 3, /*layers*/ 1, /*bidirectional*/ false);
        final ConvTranspose2dImpl up = convTranspose2d("up", 1, 2, kernel(2).stride(2));

        Mixed() {
            super("Mixed");
        }

        @Override
        public Activation forward(Activation x) { // N×5
            Activation h = x.embedding(embedding).gru(gru).get(0); // N×5×3
            h = h.scaledDotProductAttention(h, h, false);
            return h.matmul(h.transpose(1, 2)).view(-1, 1, 5, 5).convTranspose2d(up); // N×2×10×10
        }
    }

    @Test
    void recurrentLayersAttentionAndTransposedConvolutionsAreCountedForOneExample() {
        Tensor tokens = torch.zeros(new long[] {1, 5}, new TensorOptions(ScalarType.Long));
        List<LayerSummary> rows = LayerSummary.of(new Mixed(), tokens);
        assertEquals(new LayerSummary("embedding", "embedding", "N×5×4", 36, 0), rows.get(0));
        assertEquals(new LayerSummary("", "new_zeros", "1×N×3", 0, 0), rows.get(1));
        // at each of 5 steps, three gates of 3 numbers from 4 inputs and 3 states; weights and two biases
        assertEquals(new LayerSummary("gru", "gru", "N×5×3", 9 * (4 + 3 + 2), 5 * 9 * (4 + 3)), rows.get(2));
        assertEquals(new LayerSummary("", "scaled_dot_product_attention", "N×5×3", 0, 2 * 5 * 5 * 3), rows.get(3));
        assertEquals(new LayerSummary("", "matmul", "N×5×5", 0, 5 * 5 * 3), rows.get(5));
        assertEquals(new LayerSummary("up", "conv_transpose2d", "N×2×10×10", 2 * 4 + 2, 25 * 2 * 4), rows.get(7));
    }
}
