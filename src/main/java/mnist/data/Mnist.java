package mnist.data;

import java.nio.file.Path;
import libtorch.data.Dataset;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * MNIST, or a set of its shape: 28×28 images of ten classes.
 *
 * @param identity its digest is of the four raw files, one after the other: training images and labels, test images and
 *     labels
 */
public record Mnist(ImageSet train, ImageSet test, Identity identity) implements Dataset {
    /** Shape of an image: channels, height and width. */
    @SuppressWarnings("MutablePublicArray") // an array, as libtorch takes shapes
    public static final long[] IMAGE = {1, 28, 28};

    @Override
    public String summary() {
        return String.format("%s: %,d training and %,d test images", identity.name(), train.size(), test.size());
    }

    /**
     * Loads the first images of both splits onto the device, fetching what is missing.
     *
     * @param trainSize how many training images; null for all
     * @param testSize how many test images; null for all
     * @param type what images are made of: Float or Double
     * @throws UserError where files are missing and cannot be fetched, or are not what they should be
     */
    public static Mnist load(
            Path folder,
            boolean verified,
            @Nullable Integer trainSize,
            @Nullable Integer testSize,
            Device device,
            ScalarType type) {
        return MnistFiles.read(folder, verified).load(trainSize, testSize, device, type);
    }
}
