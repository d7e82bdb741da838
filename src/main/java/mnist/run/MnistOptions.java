package mnist.run;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import mnist.data.Mnist;
import mnist.data.MnistFiles;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that read MNIST. */
public class MnistOptions extends Options {
    @Option(names = "--test-size", paramLabel = "N", description = "Test on the first N images only.")
    public @Nullable Integer testSize;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST is kept (default: ${DEFAULT-VALUE}).")
    public transient Path dataDir = Path.of("data");

    @Option(names = "--unverified-data", description = "Use any data set of MNIST's shape found in --data-dir.")
    public transient boolean unverifiedData;

    /** The options of commands that also read the training set. */
    public static final class Training extends MnistOptions {
        @Option(names = "--train-size", paramLabel = "N", description = "Train on the first N images only.")
        public @Nullable Integer trainSize;

        @Override
        public void validate() {
            super.validate();
            require(trainSize == null || trainSize >= 1, "--train-size", trainSize, "at least 1");
        }

        /**
         * Starts reading the files in the background, which takes about as long as loading libtorch.
         *
         * @return a function that waits for the files and creates the tensors
         */
        public BiFunction<Device, ScalarType, Mnist> loader() {
            CompletableFuture<MnistFiles> files =
                    CompletableFuture.supplyAsync(() -> MnistFiles.read(dataDir, !unverifiedData));
            return (device, type) -> TrainingQueue.join(files).load(trainSize, testSize, device, type);
        }
    }

    @Override
    public void validate() {
        require(testSize == null || testSize >= 1, "--test-size", testSize, "at least 1");
    }

    /** Loads the test images, with one training image. */
    public Mnist loadTest(Device device) {
        return MnistFiles.read(dataDir, !unverifiedData).load(1, testSize, device, ScalarType.Float);
    }
}
