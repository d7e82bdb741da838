package mnist.torchscript;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A network from images, N×1×28×28, through an embedding, N×2, and back. */
public abstract class EncoderDecoder extends Network {
    protected EncoderDecoder(String name) {
        super(name);
    }

    /** Embeds images: N×2. */
    public abstract Tensor encode(Tensor images);

    /** Makes images of points of the embedding: N×1×28×28. */
    public abstract Tensor decode(Tensor z);

    @Override
    public Tensor forward(Tensor images) {
        return decode(encode(images));
    }

    @Override
    public List<Call> callAll(Tensor images) {
        Tensor z = encode(images);
        return List.of(
                Call.of("forward", images, forward(images)),
                Call.of("encode", images, z),
                Call.of("decode", z, decode(z)));
    }
}
