package mnist.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import libtorch.AtomicFile;
import libtorch.data.Dataset;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** MNIST's four files in a folder, as raw IDX files or gzipped. They are read into Java's memory, without libtorch. */
public final class MnistFiles {
    private static final String SHA256 = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a";
    private static final int MOST_BYTES = 256 << 20; // of an unverified set; more is a mistake or an attack

    private final Path path;
    private final boolean verified;
    private final Map<MnistFile, byte[]> contents = new EnumMap<>(MnistFile.class);

    /**
     * @param path the folder; it need not exist yet
     * @param verified whether only files with MNIST's digests are used
     */
    MnistFiles(Path path, boolean verified) {
        this.path = path;
        this.verified = verified;
    }

    Path path() {
        return path;
    }

    /**
     * Reads the files, fetching what is missing, and checks them.
     *
     * @param verified whether only files with MNIST's digests are used
     * @throws UserError if files are missing and cannot be fetched, or are not valid
     */
    public static MnistFiles read(Path path, boolean verified) {
        MnistFiles files = new MnistFiles(path, verified);
        List<MnistFile> missing = Arrays.stream(MnistFile.values())
                .filter(file -> !files.has(file))
                .toList();
        if (!missing.isEmpty() && !verified)
            throw new UserError(
                    path + " lacks " + missing.get(0).fileName,
                    "put the four IDX files there, or leave out --unverified-data to have MNIST fetched");
        if (!missing.isEmpty()) new MnistDownload().fetch(missing, files);
        for (MnistFile file : MnistFile.values()) files.contents.put(file, files.read(file));
        return files;
    }

    boolean has(MnistFile file) {
        return found(file) != null;
    }

    /** Returns the file under any of its usual names, unpacked or gzipped; null if there is none. */
    private @Nullable Path found(MnistFile file) {
        String dotted = file.fileName.replace("-idx", ".idx"); // some archives name it so
        return Stream.of(file.fileName, file.fileName + ".gz", dotted, dotted + ".gz")
                .map(path::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElse(null);
    }

    /**
     * Reads a file's raw IDX content.
     *
     * @throws UserError if it cannot be read, or is not the expected MNIST file
     */
    byte[] read(MnistFile file) {
        Path source = Objects.requireNonNull(found(file));
        boolean isRaw = !source.toString().endsWith(".gz");
        byte[] content;
        try (InputStream in = Files.newInputStream(source);
                InputStream data = isRaw ? in : new GZIPInputStream(in)) {
            int limit = verified ? file.bytes : MOST_BYTES;
            content = data.readNBytes(limit);
            if (data.read() >= 0)
                throw new UserError(
                        source + " holds more than the expected " + limit + " bytes", remedy("use a smaller data set"));
        } catch (EOFException | ZipException e) {
            throw new UserError(source + " is damaged (" + e.getMessage() + ")", remedy("replace it"), e);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(source, remedy("check its permissions"), e);
        }
        if (verified && !file.isGenuine(content)) {
            throw new UserError(
                    source + " is not MNIST's file: its SHA-256 differs",
                    "delete it to have it fetched again, or pass --unverified-data to use your own data");
        }
        return content;
    }

    /** Returns the remedy for a damaged file: MNIST's can be fetched again, the user's own cannot. */
    private String remedy(String own) {
        return verified ? "delete it to have it fetched again" : own;
    }

    /** Stores a file whose digest was checked. */
    void store(MnistFile file, byte[] content) {
        AtomicFile.write(path.resolve(file.fileName), temporary -> Files.write(temporary, content));
    }

    /** Returns the name of the data and the digest of the four files, one after the other. */
    public Dataset identity() {
        if (verified) return new Dataset("MNIST", SHA256); // the digest of each file was checked
        String name = path.toAbsolutePath().normalize().getFileName().toString();
        return Dataset.of(name, contents.values().toArray(byte[][]::new));
    }

    /**
     * Returns the first images of both splits as tensors on the device.
     *
     * @param trainSize how many training images; null for all
     * @param testSize how many test images; null for all
     * @param type of the images: Float or Double
     * @throws UserError if the numbers of images and labels differ, or there are fewer than asked for
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
        String name = path.resolve(file.fileName).toString();
        return IdxFile.parse(Objects.requireNonNull(contents.get(file)), dimensions, name);
    }
}
