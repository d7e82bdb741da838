package libtorch.zoo;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;

/** Sorts sequences of tokens into classes, by the last states of a bidirectional LSTM of two layers. */
final class LstmClassifier extends Network {
    private final EmbeddingImpl embedding;
    private final LSTMImpl lstm;
    private final LinearImpl linear;

    LstmClassifier(long tokens, long width, long hidden, long classes) {
        super("LstmClassifier");
        embedding = embedding("embedding", tokens, width);
        lstm = lstm("lstm", width, hidden, /*layers*/ 2, /*bidirectional*/ true);
        linear = linear("linear", 2 * hidden, classes);
    }

    @Override
    public Activation forward(Activation x) { // N×T longs
        List<Activation> results = x.embedding(embedding).lstm(lstm);
        Activation hidden = results.get(1); // 2·layers×N×hidden
        return Activation.cat(1, hidden.select(0, -2), hidden.select(0, -1)).linear(linear); // N×classes
    }
}
