package houses;

import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/** Predicts heating loads: N×8 features, in their units, to N×1 in kW. */
final class HeatingLoad extends Network {
    private final Tensor mean; // of each feature; a buffer, as std: saved with the network, so that callers
    private final Tensor std; // pass features as they are
    private final LinearImpl linear1 = linear("linear1", Houses.FEATURES, 32);
    private final LinearImpl linear2 = linear("linear2", 32, 32);
    private final LinearImpl linear3 = linear("linear3", 32, 1);

    /** @param mean and {@code std}: of each feature of the training examples */
    HeatingLoad(Tensor mean, Tensor std) {
        super("HeatingLoad");
        this.mean = buffer("mean", mean);
        this.std = buffer("std", std);
    }

    @Override
    public Activation forward(Activation x) {
        Activation scaled = x.sub(mean).div(std); // N×8
        Activation h = scaled.linear(linear1).relu().linear(linear2).relu(); // N×32
        return h.linear(linear3); // N×1
    }
}
