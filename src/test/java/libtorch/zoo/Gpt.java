package libtorch.zoo;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;

/** A small transformer that predicts the next token, built as GPT-2 is. */
final class Gpt extends Network {
    private static final long HEADS = 2;

    private final EmbeddingImpl wte;
    private final EmbeddingImpl wpe;
    private final List<Block> h;
    private final LayerNormImpl ln_f;
    private final LinearImpl head;

    Gpt(long tokens, long length, long width, int layers) {
        super("Gpt");
        wte = embedding("wte", tokens, width);
        wpe = embedding("wpe", length, width);
        h = blocks("h", layers, i -> new Block(width));
        ln_f = layerNorm("ln_f", width);
        head = linear("head", width, tokens, /*bias*/ false);
    }

    @Override
    public Activation forward(Activation x) { // N×T longs
        Activation positions = x.call("arange", "end", x.size(1)).embedding(wpe); // T×width
        Activation y = x.embedding(wte).add(positions); // N×T×width
        for (Block block : h) y = block.forward(y);
        return y.layerNorm(ln_f).linear(head); // N×T×tokens
    }

    private static final class Block extends Network {
        private final long width;
        private final LayerNormImpl ln1;
        private final LinearImpl attention;
        private final LinearImpl projection;
        private final LayerNormImpl ln2;
        private final LinearImpl up;
        private final LinearImpl down;

        Block(long width) {
            super("Block");
            this.width = width;
            ln1 = layerNorm("ln1", width);
            attention = linear("attention", width, 3 * width);
            projection = linear("projection", width, width);
            ln2 = layerNorm("ln2", width);
            up = linear("up", width, 4 * width);
            down = linear("down", 4 * width, width);
        }

        @Override
        public Activation forward(Activation x) {
            List<Activation> parts = x.layerNorm(ln1).linear(attention).split(width, 2);
            Activation attended = heads(parts.get(0))
                    .scaledDotProductAttention(heads(parts.get(1)), heads(parts.get(2)), /*causal*/ true)
                    .transpose(1, 2)
                    .reshape(x.size(0), x.size(1), width);
            Activation y = x.add(attended.linear(projection));
            return y.add(y.layerNorm(ln2).linear(up).gelu().linear(down));
        }

        private Activation heads(Activation x) { // N×T×width to N×heads×T×width/heads
            return x.view(x.size(0), x.size(1), HEADS, width / HEADS).transpose(1, 2);
        }
    }
}
