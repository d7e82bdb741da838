package mnist.model;

import org.bytedeco.pytorch.Tensor;

/** What networks with an embedding have in common. */
public interface Encoder {
    /** Embeds images: N×1×28×28 to N×2. */
    Value encode(Value images);

    /** Calls {@link #encode(Value)} without a trace. */
    default Tensor encode(Tensor images) {
        return encode(Value.of(images)).tensor();
    }
}
