package mnist;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import libtorch.LibTorch;
import mnist.data.Mnist;
import mnist.data.MnistFiles;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;

/** Loads libtorch before the tests of a class, and has the data they share. */
public interface UsesLibTorch {
    /** The first 600 training and 200 test images of MNIST. */
    Path SAMPLE = Path.of("src/test/resources/mnist");

    @BeforeAll
    static void loadLibTorch() {
        LibTorch.load(LibTorch.defaultThreads());
    }

    static Mnist sample() {
        return MnistFiles.read(SAMPLE, /*verified*/ false).load(null, null, new Device("cpu"), torch.ScalarType.Float);
    }

    /** Returns a port on which nobody listens now. */
    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** An image that is easy to make in Python too: {@code (torch.arange(784) % 7 / 7).view(1, 1, 28, 28)}. */
    static Tensor stripes() {
        return torch.arange(new Scalar(784.0))
                .remainder(new Scalar(7))
                .div(new Scalar(7))
                .view(1, 1, 28, 28);
    }
}
