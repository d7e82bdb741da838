package mnist.prob5;

import mnist.torchscript.EncoderDecoder;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/** The autoencoder of problem 5.3: one linear layer down to two numbers and one up, and nothing else. */
final class LinearAutoencoder extends EncoderDecoder {
    final LinearImpl linear1 = linear("linear1", 28 * 28, 2);
    final LinearImpl linear2 = linear("linear2", 2, 28 * 28);

    LinearAutoencoder() {
        super("LinearAutoencoder");
    }

    @Override
    public Tensor encode(Tensor x) { // N×1×28×28
        return linear1.forward(x.flatten(1, -1)); // N×2
    }

    @Override
    public Tensor decode(Tensor z) { // N×2
        return linear2.forward(z).view(-1, 1, 28, 28);
    }

    @Override
    public String torchScript() {
        return """
                def encode(self, x):
                    return self.linear1.forward(torch.flatten(x, 1))

                def decode(self, z):
                    return self.linear2.forward(z).view([-1, 1, 28, 28])

                def forward(self, x):
                    return self.decode(self.encode(x))
                """;
    }
}
