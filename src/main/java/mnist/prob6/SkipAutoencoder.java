package mnist.prob6;

import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The autoencoder of problem 6.2: the same layers, and the output of each pooling added to the input of the
 * upsampling that undoes it. The image now also reaches the decoder around the two numbers.
 */
public final class SkipAutoencoder extends ConvAutoencoder {
    public SkipAutoencoder() {
        super("SkipAutoencoder");
    }

    /** What the encoder hands over: the embedding, N×2, and the poolings, N×4×14×14 and N×8×7×7. */
    record Features(Tensor z, Tensor pool1, Tensor pool2) {}

    @Override
    public Tensor forward(Tensor x) {
        Features features = features(x);
        return decode(features.z, features.pool1, features.pool2);
    }

    @Override
    public Tensor encode(Tensor x) {
        return features(x).z;
    }

    Features features(Tensor x) { // N×1×28×28
        Tensor pool1 = relu(max_pool2d(conv1.forward(x), 2, 2)); // N×4×14×14
        Tensor pool2 = relu(max_pool2d(conv2.forward(pool1), 2, 2)); // N×8×7×7
        Tensor z = linear2.forward(relu(linear1.forward(pool2.flatten(1, -1)))); // N×2
        return new Features(z, pool1, pool2);
    }

    @Override
    public Tensor decode(Tensor z) {
        throw new UnsupportedOperationException("the decoder needs the poolings too");
    }

    Tensor decode(Tensor z, Tensor pool1, Tensor pool2) {
        Tensor h = relu(linear4.forward(relu(linear3.forward(z)))).view(-1, 8, 7, 7);
        h = relu(conv3.forward(h.add(pool2))); // N×4×14×14
        return sigmoid(conv4.forward(h.add(pool1))); // N×1×28×28
    }

    @Override
    public String torchScript() {
        return """
                def features(self, x):
                    pool1 = torch.relu(torch.max_pool2d(self.conv1.forward(x), [2, 2]))
                    pool2 = torch.relu(torch.max_pool2d(self.conv2.forward(pool1), [2, 2]))
                    z = self.linear2.forward(torch.relu(self.linear1.forward(torch.flatten(pool2, 1))))
                    return z, pool1, pool2

                def decode(self, z, pool1, pool2):
                    h = torch.relu(self.linear4.forward(torch.relu(self.linear3.forward(z)))).view([-1, 8, 7, 7])
                    h = torch.relu(self.conv3.forward(h + pool2))
                    return torch.sigmoid(self.conv4.forward(h + pool1))

                def encode(self, x):
                    return self.features(x)[0]

                def forward(self, x):
                    z, pool1, pool2 = self.features(x)
                    return self.decode(z, pool1, pool2)
                """;
    }

    @Override
    public List<Call> callAll(Tensor images) {
        Features f = features(images);
        return List.of(
                Call.of("forward", images, forward(images)),
                Call.of("encode", images, encode(images)),
                new Call("features", List.of(images), List.of(f.z, f.pool1, f.pool2)),
                new Call("decode", List.of(f.z, f.pool1, f.pool2), List.of(decode(f.z, f.pool1, f.pool2))));
    }
}
