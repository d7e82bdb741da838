package mnist.run;

import java.nio.file.Path;
import mnist.data.Mnist;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of everything that reads MNIST. */
public class MnistOptions extends Options {
    @Option(names = "--test-size", paramLabel = "N", description = "Test on the first N images only.")
    public @Nullable Integer testSize;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST is kept (default: ${DEFAULT-VALUE}).")
    public transient Path dataDir = Path.of("data");

    @Option(names = "--unverified-data", description = "Use any data set of MNIST's shape found in --data-dir.")
    public transient boolean unverifiedData;

    /** Also for training. */
    public static final class Training extends MnistOptions {
        @Option(names = "--train-size", paramLabel = "N", description = "Train on the first N images only.")
        public @Nullable Integer trainSize;

        @Override
        public void validate() {
            super.validate();
            require(trainSize == null || trainSize >= 1, "--train-size", trainSize, "at least 1");
        }

        /** Loads both splits. */
        public Mnist load(Device device, ScalarType type) {
            return load(trainSize, device, type);
        }
    }

    @Override
    public void validate() {
        require(testSize == null || testSize >= 1, "--test-size", testSize, "at least 1");
    }

    /** Loads the test images, with one training image. */
    public Mnist loadTest(Device device) {
        return load(1, device, ScalarType.Float);
    }

    final Mnist load(@Nullable Integer trainSize, Device device, ScalarType type) {
        return Mnist.load(dataDir, !unverifiedData, trainSize, testSize, device, type);
    }
}
