package mnist.model;

import org.bytedeco.pytorch.Tensor;

/** What networks with an embedding have in common. */
public interface Encoder {
    /** Embeds examples: inputs of forward to N×E. */
    Value encode(Value x);

    /** Calls {@link #encode(Value)} without a trace. */
    default Tensor encode(Tensor x) {
        return encode(Value.of(x)).tensor();
    }
}
