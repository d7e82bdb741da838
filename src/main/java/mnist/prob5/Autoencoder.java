package mnist.prob5;

import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import mnist.torchscript.EncoderDecoder;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/** The autoencoder of problem 5.4: four linear layers down to two numbers, and four up again. */
public final class Autoencoder extends EncoderDecoder {
    final LinearImpl linear1 = linear("linear1", 28 * 28, 256);
    final LinearImpl linear2 = linear("linear2", 256, 128);
    final LinearImpl linear3 = linear("linear3", 128, 32);
    final LinearImpl linear4 = linear("linear4", 32, 2);
    final LinearImpl linear5 = linear("linear5", 2, 32);
    final LinearImpl linear6 = linear("linear6", 32, 128);
    final LinearImpl linear7 = linear("linear7", 128, 256);
    final LinearImpl linear8 = linear("linear8", 256, 28 * 28);

    public Autoencoder() {
        super("Autoencoder");
    }

    @Override
    public Tensor encode(Tensor x) { // N×1×28×28
        Tensor h = relu(linear1.forward(x.flatten(1, -1))); // N×256
        h = relu(linear3.forward(relu(linear2.forward(h)))); // N×32
        return linear4.forward(h); // N×2, any real numbers
    }

    @Override
    public Tensor decode(Tensor z) { // N×2
        Tensor h = relu(linear6.forward(relu(linear5.forward(z)))); // N×128
        h = sigmoid(linear8.forward(relu(linear7.forward(h)))); // N×784
        return h.view(-1, 1, 28, 28);
    }

    @Override
    public String torchScript() {
        return """
                def encode(self, x):
                    h = torch.relu(self.linear1.forward(torch.flatten(x, 1)))
                    h = torch.relu(self.linear3.forward(torch.relu(self.linear2.forward(h))))
                    return self.linear4.forward(h)

                def decode(self, z):
                    h = torch.relu(self.linear6.forward(torch.relu(self.linear5.forward(z))))
                    h = torch.sigmoid(self.linear8.forward(torch.relu(self.linear7.forward(h))))
                    return h.view([-1, 1, 28, 28])

                def forward(self, x):
                    return self.decode(self.encode(x))
                """;
    }
}
