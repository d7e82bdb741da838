package mnist;

import java.util.Arrays;
import java.util.function.Supplier;
import mnist.prob4.Cnn;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import mnist.prob6.SkipAutoencoder;
import mnist.torchscript.Network;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The models that the exercise demands, by the names of their files. */
enum SavedModel {
    CNN("mnist_cnn", Cnn::new),
    AE("mnist_ae", Autoencoder::new),
    CAE("mnist_cae", ConvAutoencoder::new),
    SKIP("mnist-cae-skip", SkipAutoencoder::new),
    NOISY("mnist_cae_noisy", ConvAutoencoder::new),
    SKIP_NOISY("mnist-cae-skip-noisy", SkipAutoencoder::new);

    private final String fileName;
    private final Supplier<Network> network;

    SavedModel(String fileName, Supplier<Network> network) {
        this.fileName = fileName;
        this.network = network;
    }

    /** Builds the network, with random weights. */
    Network network() {
        return network.get();
    }

    @Override
    public String toString() {
        return fileName;
    }

    /** Reads a name as users type it. */
    static final class Converter implements ITypeConverter<SavedModel> {
        @Override
        public SavedModel convert(String name) {
            for (SavedModel model : values()) if (model.fileName.equals(name)) return model;
            throw new TypeConversionException(
                    "expected one of " + Arrays.toString(values()) + " but was '" + name + "'");
        }
    }
}
