package mnist.evaluation;

import libtorch.nn.Activation;
import org.bytedeco.pytorch.Tensor;

/** What networks with an embedding have in common. */
public interface Encoder {
    /** Embeds examples: inputs of forward to N×E. */
    Activation encode(Activation x);

    /** Calls {@link #encode(Activation)} without a trace. */
    default Tensor encode(Tensor x) {
        return encode(Activation.of(x)).tensor();
    }
}
