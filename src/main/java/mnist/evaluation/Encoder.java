package mnist.evaluation;

import libtorch.nn.Activation;
import org.bytedeco.pytorch.Tensor;

/** A network with an embedding. */
public interface Encoder {
    /** Embeds inputs of forward: returns N×E. */
    Activation encode(Activation x);

    /** Calls {@link #encode(Activation)} without a trace. */
    default Tensor encode(Tensor x) {
        return encode(Activation.of(x)).tensor();
    }
}
