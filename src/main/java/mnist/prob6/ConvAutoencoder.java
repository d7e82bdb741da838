package mnist.prob6;

import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import mnist.torchscript.EncoderDecoder;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/** The convolutional autoencoder of problem 6.1: an image through two numbers and back. */
public class ConvAutoencoder extends EncoderDecoder {
    final Conv2dImpl conv1 = conv2d("conv1", 1, 4, /*kernel*/ 3, /*padding*/ 1);
    final Conv2dImpl conv2 = conv2d("conv2", 4, 8, 3, 1);
    final LinearImpl linear1 = linear("linear1", 8 * 7 * 7, 20);
    final LinearImpl linear2 = linear("linear2", 20, 2);
    final LinearImpl linear3 = linear("linear3", 2, 20);
    final LinearImpl linear4 = linear("linear4", 20, 8 * 7 * 7);
    final Conv2dImpl conv3 = conv2d("conv3", 8, 4, 3, 1);
    final Conv2dImpl conv4 = conv2d("conv4", 4, 1, 3, 1);

    public ConvAutoencoder() {
        this("ConvAutoencoder");
    }

    ConvAutoencoder(String name) {
        super(name);
    }

    @Override
    public Tensor encode(Tensor x) {                                         // N×1×28×28
        Tensor pool1 = max_pool2d(relu(conv1.forward(x)), 2, 2);             // N×4×14×14
        Tensor pool2 = max_pool2d(relu(conv2.forward(pool1)), 2, 2);         // N×8×7×7
        return linear2.forward(relu(linear1.forward(pool2.flatten(1, -1)))); // N×2
    }

    @Override
    public Tensor decode(Tensor z) {                                         // N×2
        Tensor h = relu(linear4.forward(relu(linear3.forward(z)))).view(-1, 8, 7, 7);
        h = relu(conv3.forward(upsample_nearest2d(h, 14, 14)));              // N×4×14×14
        return sigmoid(conv4.forward(upsample_nearest2d(h, 28, 28)));        // N×1×28×28
    }

    @Override
    public String torchScript() {
        return """
                def encode(self, x):
                    pool1 = torch.max_pool2d(torch.relu(self.conv1.forward(x)), [2, 2])
                    pool2 = torch.max_pool2d(torch.relu(self.conv2.forward(pool1)), [2, 2])
                    return self.linear2.forward(torch.relu(self.linear1.forward(torch.flatten(pool2, 1))))

                def decode(self, z):
                    h = torch.relu(self.linear4.forward(torch.relu(self.linear3.forward(z)))).view([-1, 8, 7, 7])
                    h = torch.relu(self.conv3.forward(torch.upsample_nearest2d(h, [14, 14])))
                    return torch.sigmoid(self.conv4.forward(torch.upsample_nearest2d(h, [28, 28])))

                def forward(self, x):
                    return self.decode(self.encode(x))
                """;
    }
}
