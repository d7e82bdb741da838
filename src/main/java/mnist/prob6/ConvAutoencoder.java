package mnist.prob6;

import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import mnist.torchscript.EncoderDecoder;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/**
 * The convolutional autoencoder of problem 6.1: an image through two numbers and back. ReLU comes after pooling: the
 * largest of four numbers is the same before and after it, and it has a quarter of the work.
 */
public class ConvAutoencoder extends EncoderDecoder {
    final Conv2dImpl conv1 = conv2d("conv1", 1, 4, /*kernel*/ 3, /*padding*/ 1);
    final Conv2dImpl conv2 = conv2d("conv2", 4, 8, 3, 1);
    final LinearImpl linear1 = linear("linear1", 8 * 7 * 7, 20);
    final LinearImpl linear2 = linear("linear2", 20, 2);
    final LinearImpl linear3 = linear("linear3", 2, 20);
    final LinearImpl linear4 = linear("linear4", 20, 8 * 7 * 7);
    final UpsampleConv2d conv3 = upsampleConv2d("conv3", 8, 4);
    final UpsampleConv2d conv4 = upsampleConv2d("conv4", 4, 1);

    public ConvAutoencoder() {
        this("ConvAutoencoder");
    }

    ConvAutoencoder(String name) {
        super(name);
    }

    private UpsampleConv2d upsampleConv2d(String name, long in, long out) {
        return new UpsampleConv2d(layer(name, conv2d(in, out, 3, 1), UpsampleConv2d.TORCH_SCRIPT));
    }

    @Override
    public Tensor encode(Tensor x) { // N×1×28×28
        Tensor pool1 = relu(max_pool2d(conv1.forward(x), 2, 2)); // N×4×14×14
        Tensor pool2 = relu(max_pool2d(conv2.forward(pool1), 2, 2)); // N×8×7×7
        return linear2.forward(relu(linear1.forward(pool2.flatten(1, -1)))); // N×2
    }

    @Override
    public Tensor decode(Tensor z) { // N×2
        Tensor h = relu(linear4.forward(relu(linear3.forward(z)))).view(-1, 8, 7, 7);
        return sigmoid(conv4.forward(relu(conv3.forward(h)))); // N×4×14×14, then N×1×28×28
    }

    @Override
    public String torchScript() {
        return """
                def encode(self, x):
                    pool1 = torch.relu(torch.max_pool2d(self.conv1.forward(x), [2, 2]))
                    pool2 = torch.relu(torch.max_pool2d(self.conv2.forward(pool1), [2, 2]))
                    return self.linear2.forward(torch.relu(self.linear1.forward(torch.flatten(pool2, 1))))

                def decode(self, z):
                    h = torch.relu(self.linear4.forward(torch.relu(self.linear3.forward(z)))).view([-1, 8, 7, 7])
                    return torch.sigmoid(self.conv4.forward(torch.relu(self.conv3.forward(h))))

                def forward(self, x):
                    return self.decode(self.encode(x))
                """;
    }
}
