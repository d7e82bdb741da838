package mnist.prob4;

import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;

import java.util.List;
import mnist.torchscript.Network;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/**
 * The convolutional classifier of the course's problem 4. ReLU comes after pooling: the largest of four numbers is the
 * same before and after it, and it has a quarter of the work.
 */
public final class Cnn extends Network {
    final Conv2dImpl conv1 = conv2d("conv1", 1, 40, /*kernel*/ 5, /*padding*/ 0);
    final Conv2dImpl conv2 = conv2d("conv2", 40, 80, 5, 0);
    final LinearImpl linear1 = linear("linear1", 80 * 4 * 4, 500);
    final LinearImpl linear2 = linear("linear2", 500, 10);

    public Cnn() {
        super("Cnn");
    }

    @Override
    public Tensor forward(Tensor x) { // N×1×28×28
        Tensor h = relu(max_pool2d(conv1.forward(x), 2, 2)); // N×40×12×12
        h = relu(max_pool2d(conv2.forward(h), 2, 2)); // N×80×4×4
        return log_softmax(linear2.forward(relu(linear1.forward(h.flatten(1, -1)))), /*dim*/ 1); // N×10
    }

    @Override
    public String torchScript() {
        return """
                def forward(self, x):
                    h = torch.relu(torch.max_pool2d(self.conv1.forward(x), [2, 2]))
                    h = torch.relu(torch.max_pool2d(self.conv2.forward(h), [2, 2]))
                    return torch.log_softmax(self.linear2.forward(torch.relu(self.linear1.forward(torch.flatten(h, 1)))), 1)
                """;
    }

    @Override
    public List<Call> callAll(Tensor images) {
        return List.of(Call.of("forward", images, forward(images)));
    }
}
