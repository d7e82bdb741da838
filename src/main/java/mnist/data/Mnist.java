package mnist.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private static final String SHA256 = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a";

    /** Shape of an image: channels, height and width. */
    @SuppressWarnings("MutablePublicArray") // an array, as libtorch takes shapes
    public static final long[] IMAGE = {1, 28, 28};

    @Override
    public String summary() {
        return String.format("%s: %,d training and %,d test images", identity.name(), train.size(), test.size());
    }

    /** Fetches what is missing in the folder, checks everything, and returns the data's identity. */
    public static Identity ensure(Path folder, boolean verified) {
        return identity(files(new MnistFolder(folder, verified), new MnistDownload()), folder, verified);
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
        Map<MnistFile, byte[]> files = files(new MnistFolder(folder, verified), new MnistDownload());
        return new Mnist(
                split(folder, files, /*train*/ true, trainSize, device, type),
                split(folder, files, /*train*/ false, testSize, device, type),
                identity(files, folder, verified));
    }

    static Map<MnistFile, byte[]> files(MnistFolder folder, MnistDownload download) {
        List<MnistFile> missing = Arrays.stream(MnistFile.values())
                .filter(file -> !folder.has(file))
                .toList();
        if (!missing.isEmpty() && !folder.verified()) {
            throw new UserError(
                    folder.path() + " lacks " + missing.get(0).fileName,
                    "put the four IDX files there, or leave out --unverified-data to have MNIST fetched");
        }
        if (!missing.isEmpty()) download.fetch(missing, folder);
        Map<MnistFile, byte[]> files = new EnumMap<>(MnistFile.class);
        for (MnistFile file : MnistFile.values()) files.put(file, folder.read(file));
        return files;
    }

    private static ImageSet split(
            Path folder,
            Map<MnistFile, byte[]> files,
            boolean train,
            @Nullable Integer size,
            Device device,
            ScalarType type) {
        MnistFile imageFile = train ? MnistFile.TRAIN_IMAGES : MnistFile.TEST_IMAGES;
        MnistFile labelFile = train ? MnistFile.TRAIN_LABELS : MnistFile.TEST_LABELS;
        Path imagePath = folder.resolve(imageFile.fileName);
        Path labelPath = folder.resolve(labelFile.fileName);
        IdxFile images = IdxFile.parse(Objects.requireNonNull(files.get(imageFile)), 3, imagePath.toString());
        IdxFile labels = IdxFile.parse(Objects.requireNonNull(files.get(labelFile)), 1, labelPath.toString());
        if (images.shape()[1] != 28 || images.shape()[2] != 28) {
            throw new UserError(
                    imagePath + " holds images of " + images.shape()[1] + "×" + images.shape()[2] + " pixels",
                    "the networks need 28×28");
        }
        if (images.count() != labels.count()) {
            throw new UserError(
                    imagePath + " holds " + images.count() + " images, but " + labelPath + " " + labels.count()
                            + " labels",
                    "replace the one that does not belong to the other");
        }
        for (byte label : labels.values()) {
            if (label < 0 || label > 9) {
                throw new UserError(labelPath + " holds a label of " + (label & 0xff), "labels must be 0 to 9");
            }
        }
        int n = size == null ? images.count() : size;
        if (n > images.count()) {
            throw new UserError(
                    (train ? "--train-size " : "--test-size ") + n + " asks for more than the " + images.count()
                            + " images there are",
                    "choose a smaller number");
        }
        return ImageSet.of(
                Arrays.copyOf(images.values(), n * 28 * 28), Arrays.copyOf(labels.values(), n), device, type);
    }

    private static Identity identity(Map<MnistFile, byte[]> files, Path folder, boolean verified) {
        if (verified) return new Identity("MNIST", SHA256); // as each file's own digest was found right
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        return Identity.of(name, files.values().toArray(byte[][]::new));
    }
}
