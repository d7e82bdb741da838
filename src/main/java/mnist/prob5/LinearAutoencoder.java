package mnist.prob5;

import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.LinearImpl;

/** The autoencoder of problem 5.3: one linear layer down to two numbers and one back up, without activations. */
final class LinearAutoencoder extends Network {
    final LinearImpl linear1 = linear("linear1", 28 * 28, 2);
    final LinearImpl linear2 = linear("linear2", 2, 28 * 28);

    LinearAutoencoder() {
        super("LinearAutoencoder");
    }

    @Override
    public Activation forward(Activation x) { // N×1×28×28
        Activation z = x.flatten().linear(linear1); // N×2
        return z.linear(linear2).view(-1, 1, 28, 28);
    }
}
