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

/** The content of MNIST's four files, in Java's memory: libtorch need not be loaded to read them. */
public final class MnistFiles {
    private static final String SHA256 = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a";

    private final MnistFolder folder;
    private final Map<MnistFile, byte[]> contents = new EnumMap<>(MnistFile.class);

    private MnistFiles(MnistFolder folder) {
        this.folder = folder;
        for (MnistFile file : MnistFile.values()) contents.put(file, folder.read(file));
    }

    /**
     * Reads the files, fetching what is missing, and checks them.
     *
     * @param verified whether only files with MNIST's digests are used
     * @throws UserError where files are missing and cannot be fetched, or are not what they should be
     */
    public static MnistFiles read(Path path, boolean verified) {
        MnistFolder folder = new MnistFolder(path, verified);
        List<MnistFile> missing = Arrays.stream(MnistFile.values())
                .filter(file -> !folder.has(file))
                .toList();
        if (!missing.isEmpty() && !verified) {
            throw new UserError(
                    path + " lacks " + missing.get(0).fileName,
                    "put the four IDX files there, or leave out --unverified-data to have MNIST fetched");
        }
        if (!missing.isEmpty()) new MnistDownload().fetch(missing, folder);
        return new MnistFiles(folder);
    }

    /** Returns the name of the data and the digest of the four files, one after the other. */
    public Dataset identity() {
        if (folder.verified()) return new Dataset("MNIST", SHA256); // as each file's own digest was found right
        String name = folder.path().toAbsolutePath().normalize().getFileName().toString();
        return Dataset.of(name, contents.values().toArray(byte[][]::new));
    }

    /**
     * Makes tensors of the first images of both splits, on the device.
     *
     * @param trainSize how many training images; null for all
     * @param testSize how many test images; null for all
     * @param type what images are made of: Float or Double
     * @throws UserError where images and labels do not belong together, or are fewer
     */
    public Mnist load(@Nullable Integer trainSize, @Nullable Integer testSize, Device device, ScalarType type) {
        return new Mnist(
                split(/*train*/ true, trainSize, device, type),
                split(/*train*/ false, testSize, device, type),
                identity());
    }

    private ImageSet split(boolean train, @Nullable Integer size, Device device, ScalarType type) {
        IdxFile images = parsed(train ? MnistFile.TRAIN_IMAGES : MnistFile.TEST_IMAGES, 3);
        IdxFile labels = parsed(train ? MnistFile.TRAIN_LABELS : MnistFile.TEST_LABELS, 1);
        int count = images.count();
        if (images.shape()[1] != 28 || images.shape()[2] != 28)
            throw new UserError(
                    images.name() + " holds images of " + images.shape()[1] + "×" + images.shape()[2] + " pixels",
                    "the networks need 28×28");
        if (count != labels.count())
            throw new UserError(
                    images.name() + " holds " + count + " images, but " + labels.name() + " " + labels.count()
                            + " labels",
                    "replace the one that does not belong to the other");
        for (byte label : labels.values())
            if (label < 0 || label > 9)
                throw new UserError(labels.name() + " holds a label of " + (label & 0xff), "labels must be 0 to 9");
        int n = size == null ? count : size;
        if (n > count)
            throw new UserError(
                    (train ? "--train-size " : "--test-size ") + n + " asks for more than the " + count
                            + " images there are",
                    "choose a smaller number");
        return ImageSet.of(
                Arrays.copyOf(images.values(), n * 28 * 28), Arrays.copyOf(labels.values(), n), device, type);
    }

    private IdxFile parsed(MnistFile file, int dimensions) {
        String name = folder.path().resolve(file.fileName).toString();
        return IdxFile.parse(Objects.requireNonNull(contents.get(file)), dimensions, name);
    }
}
