package mnist.prob4;

import libtorch.nn.Activation;
import libtorch.nn.Network;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;

/**
 * The convolutional classifier of the course's problem 4. ReLU follows pooling: it commutes with the maximum, and has a
 * quarter of the elements to process there.
 */
public final class Cnn extends Network {
    public final Conv2dImpl conv1 = conv2d("conv1", 1, 40, /*kernel*/ 5, /*padding*/ 0);
    final Conv2dImpl conv2 = conv2d("conv2", 40, 80, 5, 0);
    final LinearImpl linear1 = linear("linear1", 80 * 4 * 4, 500);
    final LinearImpl linear2 = linear("linear2", 500, 10);

    public Cnn() {
        super("Cnn");
    }

    /** Classifies images: N×1×28×28 to N×10 log-probabilities. */
    @Override
    public Activation forward(Activation x) {
        Activation pool1 = x.conv2d(conv1).maxPool2d(2).relu(); // N×40×12×12
        Activation pool2 = pool1.conv2d(conv2).maxPool2d(2).relu(); // N×80×4×4
        Activation hidden = pool2.flatten().linear(linear1).relu(); // N×500
        return hidden.linear(linear2).logSoftmax(1); // N×10
    }
}
