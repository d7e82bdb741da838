package mnist.prob5;

import java.util.List;
import mnist.model.Encoder;
import mnist.model.Method;
import mnist.model.Network;
import mnist.model.Value;

/** An autoencoder: from images, N×1×28×28, through an embedding, N×2, and back. */
abstract class EncoderDecoder extends Network implements Encoder {
    EncoderDecoder(String name) {
        super(name);
    }

    /** Computes the images of points of the embedding: N×2 to N×1×28×28. */
    abstract Value decode(Value z);

    @Override
    public final Value forward(Value x) {
        return decode(encode(x));
    }

    @Override
    public final List<Method> methods(Value x) {
        return List.of(
                Method.of("forward", "x", x, this::forward),
                Method.of("encode", "x", x, this::encode),
                Method.of("decode", "z", encode(x), this::decode));
    }
}
