package mnist.prob5;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import mnist.evaluation.Encoder;
import org.bytedeco.pytorch.LinearImpl;

/** The autoencoder of problem 5.4: four linear layers down to two numbers, and four up again. */
public final class Autoencoder extends Network implements Encoder {
    final LinearImpl linear1 = linear("linear1", 28 * 28, 256);
    final LinearImpl linear2 = linear("linear2", 256, 128);
    final LinearImpl linear3 = linear("linear3", 128, 32);
    final LinearImpl linear4 = linear("linear4", 32, 2);
    final LinearImpl linear5 = linear("linear5", 2, 32);
    final LinearImpl linear6 = linear("linear6", 32, 128);
    final LinearImpl linear7 = linear("linear7", 128, 256);
    final LinearImpl linear8 = linear("linear8", 256, 28 * 28);

    public Autoencoder() {
        super("Autoencoder");
    }

    @Override
    public Activation encode(Activation x) { // N×1×28×28
        Activation h = x.flatten().linear(linear1).relu(); // N×256
        h = h.linear(linear2).relu().linear(linear3).relu(); // N×32
        return h.linear(linear4); // N×2, any real numbers
    }

    /** Computes the images of points of the embedding. */
    public Activation decode(Activation z) { // N×2
        Activation h = z.linear(linear5).relu().linear(linear6).relu(); // N×128
        h = h.linear(linear7).relu().linear(linear8).sigmoid(); // N×784
        return h.view(-1, 1, 28, 28);
    }

    @Override
    public Activation forward(Activation x) {
        return decode(encode(x));
    }

    @Override
    public List<NetworkMethod> methods(Activation x) {
        return List.of(
                NetworkMethod.of("forward", "x", x, this::forward),
                NetworkMethod.of("encode", "x", x, this::encode),
                NetworkMethod.of("decode", "z", encode(x), this::decode));
    }
}
