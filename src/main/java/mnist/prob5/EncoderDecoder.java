package mnist.prob5;

import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import mnist.evaluation.Encoder;

/** An autoencoder: from images, N×1×28×28, through an embedding, N×2, and back. */
abstract class EncoderDecoder extends Network implements Encoder {
    EncoderDecoder(String name) {
        super(name);
    }

    /** Computes the images of points of the embedding: N×2 to N×1×28×28. */
    public abstract Activation decode(Activation z);

    @Override
    public final Activation forward(Activation x) {
        return decode(encode(x));
    }

    @Override
    public final List<NetworkMethod> methods(Activation x) {
        return List.of(
                NetworkMethod.of("forward", "x", x, this::forward),
                NetworkMethod.of("encode", "x", x, this::encode),
                NetworkMethod.of("decode", "z", encode(x), this::decode));
    }
}
