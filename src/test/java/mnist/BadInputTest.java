package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gives commands what they cannot use: files first, while {@code MainTest} has the options. Each must answer with one
 * line that says what is wrong, the right status, no stack, and leave everything as it was.
 */
class BadInputTest implements UsesLibTorch {
    private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    /** Results of a run, which no bad input may touch. */
    @TempDir
    static Path good;

    @BeforeAll
    static void train() {
        assertEquals(
                0,
                CommandLineRun.onSample("prob6", good, "--only", "plain,noisy", "--epochs", "1", "--train-size", "256")
                        .status());
        assertEquals(
                0,
                CommandLineRun.onSample("prob4", good, "--epochs", "1", "--train-size", "64")
                        .status());
    }

    /** Prepares a bad input in an empty folder, and returns the command line that meets it. */
    private interface Input {
        String[] prepare(Path folder) throws IOException;
    }

    /**
     * A bad input.
     *
     * @param answer the line on standard error, where DIR stands for the folder and * for anything
     */
    private record Case(String name, int status, String answer, Input input) {
        @Override
        public String toString() {
            return name;
        }
    }

    // Data

    private static byte[] idx(int magic, int[] shape, int bytes) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + bytes).putInt(magic);
        for (int size : shape) file.putInt(size);
        return file.array();
    }

    private static byte[] images(int n) {
        return idx(0x803, new int[] {n, 28, 28}, 784 * n);
    }

    private static byte[] labels(int n) {
        return idx(0x801, new int[] {n}, n);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] with(byte[] file, int index, int value) {
        file[index] = (byte) value;
        return file;
    }

    /** A data set of four images in which one file is replaced; null leaves it out. */
    private static Case data(String name, String answer, String file, byte[] content) {
        return data(
                name,
                answer,
                folder -> {
                    if (content != null) Files.write(folder.resolve(file), content);
                },
                file.replace(".gz", ""));
    }

    private interface Preparation {
        void in(Path folder) throws IOException;
    }

    private static Case data(String name, String answer, Preparation preparation, String... leftOut) {
        return new Case(name, 1, answer, folder -> {
            Map<String, byte[]> files = Map.of(
                    TRAIN_IMAGES, images(4), TRAIN_LABELS, labels(4), TEST_IMAGES, images(4), TEST_LABELS, labels(4));
            for (Map.Entry<String, byte[]> entry : files.entrySet()) {
                if (!List.of(leftOut).contains(entry.getKey()))
                    Files.write(folder.resolve(entry.getKey()), entry.getValue());
            }
            preparation.in(folder);
            return new String[] {
                "prob6",
                "--epochs",
                "1",
                "--data-dir",
                folder.toString(),
                "--unverified-data",
                "--saved-dir",
                good.resolve("saved").toString(),
                "--figures-dir",
                good.resolve("figures").toString()
            };
        });
    }

    // Folders, options and models

    private static Case prob(int status, String name, String answer, Input options) {
        return new Case(name, status, answer, folder -> {
            List<String> line = new ArrayList<>(List.of(
                    "prob6",
                    "--epochs",
                    "1",
                    "--only",
                    "noisy",
                    "--train-size",
                    "256",
                    "--data-dir",
                    SAMPLE.toString(),
                    "--unverified-data",
                    "--saved-dir",
                    good.resolve("saved").toString(),
                    "--figures-dir",
                    good.resolve("figures").toString()));
            line.addAll(List.of(options.prepare(folder)));
            return line.toArray(String[]::new);
        });
    }

    private static Case prob(String name, String answer, Input options) {
        return prob(1, name, answer, options);
    }

    /** A record of a run in which one text is replaced by another. */
    private static Case record(int status, String name, String answer, String pattern, String replacement) {
        return prob(status, name, answer, folder -> {
            String good = Files.readString(BadInputTest.good.resolve("saved/mnist_cae.json"));
            String bad = good.replaceFirst(pattern, replacement);
            assertFalse(bad.equals(good), pattern);
            return new String[] {
                "--from-record",
                Files.writeString(folder.resolve("a.json"), bad).toString()
            };
        });
    }

    private static Case eval(String name, String answer, String file, byte[] content) {
        return new Case(name, 1, answer, folder -> {
            if (content != null) Files.write(folder.resolve(file), content);
            return new String[] {
                "eval", folder.resolve(file).toString(), "--data-dir", SAMPLE.toString(), "--unverified-data"
            };
        });
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new java.util.Random(1).nextBytes(noise);
        return noise;
    }

    private static byte[] zip(String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (String entry : entries) {
                out.putNextEntry(new ZipEntry(entry));
                out.write("3\n".getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] safetensors(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    static Stream<Case> cases() throws IOException {
        String notIdx = "error: DIR/%s is not a usable IDX file: %s; replace it by one of the format";
        return Stream.of(
                data("training images missing", "error: DIR lacks train-images-idx3-ubyte; *", TRAIN_IMAGES, null),
                data("test labels missing", "error: DIR lacks t10k-labels-idx1-ubyte; *", TEST_LABELS, null),
                data(
                        "empty file",
                        String.format(notIdx, TRAIN_IMAGES, "it ends within its header, after 0 bytes"),
                        TRAIN_IMAGES,
                        new byte[0]),
                data(
                        "random bytes",
                        String.format(notIdx, TRAIN_IMAGES, "its magic number is *"),
                        TRAIN_IMAGES,
                        noise(5000)),
                data(
                        "labels in place of images",
                        String.format(notIdx, TRAIN_IMAGES, "its magic number is 0x00000801, not 0x00000803"),
                        TRAIN_IMAGES,
                        labels(100)),
                data(
                        "images in place of labels",
                        String.format(notIdx, TEST_LABELS, "its magic number is 0x00000803, not 0x00000801"),
                        TEST_LABELS,
                        images(4)),
                data(
                        "fewer images than claimed",
                        String.format(notIdx, TRAIN_IMAGES, "its header claims 3136 bytes of data, but 3135 follow"),
                        TRAIN_IMAGES,
                        Arrays.copyOf(images(4), images(4).length - 1)),
                data(
                        "more images than claimed",
                        String.format(notIdx, TRAIN_IMAGES, "its header claims 3136 bytes of data, but 3137 follow"),
                        TRAIN_IMAGES,
                        Arrays.copyOf(images(4), images(4).length + 1)),
                data(
                        "a billion images claimed",
                        String.format(notIdx, TRAIN_IMAGES, "its header claims * bytes of data, but 10 follow"),
                        TRAIN_IMAGES,
                        idx(0x803, new int[] {1 << 30, 28, 28}, 10)),
                data(
                        "a negative number of images",
                        String.format(notIdx, TRAIN_IMAGES, "its header claims a dimension of -1"),
                        TRAIN_IMAGES,
                        idx(0x803, new int[] {-1, 28, 28}, 0)),
                data(
                        "no images at all",
                        String.format(notIdx, TEST_IMAGES, "its header claims a dimension of 0"),
                        TEST_IMAGES,
                        images(0)),
                data(
                        "images of another size",
                        "error: DIR/" + TRAIN_IMAGES + "*32×32*; *",
                        TRAIN_IMAGES,
                        idx(0x803, new int[] {4, 32, 32}, 4 * 1024)),
                data("fewer labels than images", "error: *4 images*3 labels*; *", TRAIN_LABELS, labels(3)),
                data("a label of 10", "error: DIR/" + TRAIN_LABELS + "*10*; *", TRAIN_LABELS, with(labels(4), 9, 10)),
                data("a label of 255", "error: DIR/" + TEST_LABELS + "*255*; *", TEST_LABELS, with(labels(4), 8, 255)),
                data(
                        "truncated gzip",
                        "error: DIR/" + TRAIN_IMAGES + ".gz is damaged (*); replace it",
                        TRAIN_IMAGES + ".gz",
                        Arrays.copyOf(gzip(images(4)), 30)),
                data(
                        "gzip that is none",
                        "error: DIR/" + TRAIN_IMAGES + ".gz is damaged (Not in GZIP format); replace it",
                        TRAIN_IMAGES + ".gz",
                        images(4)),
                data(
                        "gzip that expands without end",
                        "error: DIR/" + TRAIN_IMAGES
                                + ".gz holds more than the expected 268435456 bytes; use a smaller data set",
                        TRAIN_IMAGES + ".gz",
                        gzip(new byte[300 << 20])),
                data(
                        "a folder in place of a file",
                        "error: cannot read DIR/" + TRAIN_IMAGES + " (*); *",
                        folder -> Files.createDirectory(folder.resolve(TRAIN_IMAGES)),
                        TRAIN_IMAGES),
                prob(
                        "data folder that is a file",
                        "error: DIR/file lacks train-images-idx3-ubyte; *",
                        folder -> new String[] {
                            "--data-dir",
                            Files.createFile(folder.resolve("file")).toString()
                        }),
                prob(
                        "saved folder that is a file",
                        "error: cannot write to DIR/file (*); check the folder's permissions and the free space on its disk",
                        folder -> new String[] {
                            "--saved-dir",
                            Files.createFile(folder.resolve("file")).toString()
                        }),
                prob(
                        "figures folder below a file",
                        "error: cannot write to DIR/file/figures (*); *",
                        folder -> new String[] {
                            "--figures-dir",
                            Files.createFile(folder.resolve("file"))
                                    .resolve("figures")
                                    .toString()
                        }),
                prob("folder that nobody can write to", "error: cannot write to /proc/saved (*); *", folder ->
                        new String[] {"--saved-dir", "/proc/saved"}),
                prob("CUDA where there is none", "error: *; *", folder -> new String[] {"--device", "cuda"}),
                prob(
                        "loss that diverges",
                        "error: the loss became * at step 2 of epoch 1; try a smaller --lr",
                        folder -> new String[] {"--lr", "1e30"}),
                prob(
                        "test loss that diverges",
                        "error: the test loss became * after epoch 1; try a smaller --lr",
                        folder -> new String[] {"--lr", "1e30", "--batch-size", "600", "--train-size", "600"}),
                prob("trace folder that is a file", "error: cannot write to DIR/file (*); *", folder -> new String[] {
                    "--trace-dir", Files.createFile(folder.resolve("file")).toString()
                }),
                prob(
                        "checkpoint of random bytes",
                        "error: DIR/mnist_cae_noisy.checkpoint cannot be resumed from (*); delete it, or leave out --resume, to start anew",
                        folder -> {
                            Files.write(folder.resolve("mnist_cae_noisy.checkpoint"), noise(5000));
                            return new String[] {"--resume", "--saved-dir", folder.toString()};
                        }),
                prob("checkpoint of another network", "error: DIR/mnist_cae_noisy.checkpoint *; *", folder -> {
                    Files.copy(
                            good.resolve("saved/mnist_cnn.checkpoint"), folder.resolve("mnist_cae_noisy.checkpoint"));
                    return new String[] {"--resume", "--saved-dir", folder.toString()};
                }),
                prob(
                        "checkpoint with other options",
                        "error: *mnist_cae_noisy.checkpoint is of a run with seed 1, not 2; *",
                        folder -> new String[] {"--resume", "--seed", "2"}),
                prob(
                        "record that is not there",
                        "error: cannot read DIR/none.json (no such file or folder); name a NAME.json that a run saved",
                        folder -> new String[] {
                            "--from-record", folder.resolve("none.json").toString()
                        }),
                prob(
                        "record that is no JSON",
                        "error: DIR/a.json is not a run record; name a NAME.json that a run saved",
                        folder -> new String[] {
                            "--from-record",
                            Files.write(folder.resolve("a.json"), noise(100)).toString()
                        }),
                prob(
                        "record that lacks its options",
                        "error: DIR/a.json is not a run record: it has no options; *",
                        folder -> new String[] {
                            "--from-record",
                            Files.writeString(folder.resolve("a.json"), "{\"model\": \"mnist_cae\"}")
                                    .toString()
                        }),
                prob(
                        "record of another problem",
                        "error: *mnist_cnn.json is the record of mnist_cnn; repeat it with prob4",
                        folder -> new String[] {
                            "--from-record",
                            good.resolve("saved/mnist_cnn.json").toString()
                        }),
                prob(
                        2,
                        "record with an option out of range",
                        "error: --batch-size is 0, but must be at least 1; see mnist-libtorch prob6 --help",
                        folder -> {
                            String record = Files.readString(good.resolve("saved/mnist_cae.json"))
                                    .replace("\"batchSize\": 128", "\"batchSize\": 0");
                            return new String[] {
                                "--from-record",
                                Files.writeString(folder.resolve("a.json"), record)
                                        .toString()
                            };
                        }),
                prob(
                        "record with an unknown option",
                        "error: DIR/a.json has a setting that prob6 does not record, colour; *",
                        folder -> {
                            String record = Files.readString(good.resolve("saved/mnist_cae.json"))
                                    .replace("\"batchSize\"", "\"colour\"");
                            return new String[] {
                                "--from-record",
                                Files.writeString(folder.resolve("a.json"), record)
                                        .toString()
                            };
                        }),
                record(
                        1,
                        "record that names itself",
                        "error: DIR/a.json has a setting that prob6 does not record, fromRecord; *",
                        "\"options\": \\{",
                        "\"options\": {\"fromRecord\": \"a.json\","),
                record(
                        1,
                        "record that names a folder",
                        "error: DIR/a.json has a setting that prob6 does not record, savedDir; *",
                        "\"options\": \\{",
                        "\"options\": {\"savedDir\": \"/tmp\","),
                record(
                        1,
                        "record that asks for help",
                        "error: DIR/a.json has a setting that prob6 does not record, help; *",
                        "\"options\": \\{",
                        "\"options\": {\"help\": true,"),
                record(
                        1,
                        "record of an unknown model",
                        "error: DIR/a.json is the record of resnet; name a NAME.json that a run saved",
                        "\"model\": \"mnist_cae\"",
                        "\"model\": \"resnet\""),
                record(
                        1,
                        "record whose model is null",
                        "error: DIR/a.json is not a run record: its model is of another kind; *",
                        "\"model\": \"mnist_cae\"",
                        "\"model\": null"),
                record(
                        1,
                        "record whose options are a list",
                        "error: DIR/a.json is not a run record: its options is of another kind; *",
                        "\"options\": \\{[^}]*\\}",
                        "\"options\": []"),
                record(
                        1,
                        "record whose threads are a list",
                        "error: DIR/a.json is not a run record: its threads is of another kind; *",
                        "\"threads\": \\d+",
                        "\"threads\": []"),
                record(
                        1,
                        "record whose data set is empty",
                        "error: DIR/a.json is not a run record: its dataset has no sha256; *",
                        "\"dataset\": \\{[^}]*\\}",
                        "\"dataset\": {}"),
                record(
                        1,
                        "record whose seed is an object",
                        "error: DIR/a.json is not a run record: its seed is {}; *",
                        "\"seed\": \\d+",
                        "\"seed\": {}"),
                record(
                        2,
                        "record whose seed is no number",
                        "error: Invalid value for option '--seed': 'one' is not a long; see mnist-libtorch prob6 --help",
                        "\"seed\": \\d+",
                        "\"seed\": \"one\""),
                record(
                        2,
                        "record whose rate is infinite",
                        "error: --lr is Infinity, but must be greater than 0; see mnist-libtorch prob6 --help",
                        "\"lr\": [^,]*",
                        "\"lr\": 1e999"),
                prob(
                        "record of other data",
                        "error: DIR/a.json is of a run on other data; name its folder with --data-dir",
                        folder -> {
                            String record = Files.readString(good.resolve("saved/mnist_cae.json"))
                                    .replaceAll("\"sha256\": \"....", "\"sha256\": \"0000");
                            return new String[] {
                                "--from-record",
                                Files.writeString(folder.resolve("a.json"), record)
                                        .toString()
                            };
                        }),
                eval(
                        "model that is not there",
                        "error: there is no file DIR/none.pt; name a .pt, .pt2, .safetensors or .pth file",
                        "none.pt",
                        null),
                eval(
                        "model of random bytes",
                        "error: DIR/a.pt is no model that can be opened; name a file of torch.export.save (.pt2) or torch.jit.save (.pt)",
                        "a.pt",
                        noise(5000)),
                eval(
                        "empty model",
                        "error: DIR/a.pt is no model that can be opened; name a file of torch.export.save (.pt2) or torch.jit.save (.pt)",
                        "a.pt",
                        new byte[0]),
                eval(
                        "zip without a model",
                        "error: DIR/a.pt is no model that can be opened; name a file of torch.export.save (.pt2) or torch.jit.save (.pt)",
                        "a.pt",
                        zip("archive/version")),
                eval(
                        "zip that points outside",
                        "error: DIR/a.pt is no model that can be opened; name a file of torch.export.save (.pt2) or torch.jit.save (.pt)",
                        "a.pt",
                        zip("../../escaped", "a/../../../escaped", "/tmp/escaped")),
                eval(
                        "weights that end in their header",
                        "error: DIR/mnist_cae.safetensors is not a safetensors file: *; *",
                        "mnist_cae.safetensors",
                        new byte[4]),
                eval(
                        "weights with an endless header",
                        "error: DIR/mnist_cae.safetensors is not a safetensors file: *; *",
                        "mnist_cae.safetensors",
                        ByteBuffer.allocate(16).putLong(-1).array()),
                eval(
                        "weights whose header is no JSON",
                        "error: DIR/mnist_cae.safetensors is not a safetensors file: *; *",
                        "mnist_cae.safetensors",
                        safetensors("{]", 0)),
                eval(
                        "weights that lack a layer",
                        "error: DIR/mnist_cae.safetensors does not fit the network: it lacks conv1.weight; *",
                        "mnist_cae.safetensors",
                        safetensors("{}", 0)),
                eval(
                        "weights that point beyond the file",
                        "error: DIR/mnist_cae.safetensors is not a safetensors file: its conv1.weight is outside its data; *",
                        "mnist_cae.safetensors",
                        safetensors(
                                "{\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[4,1,3,3],\"data_offsets\":[1000000,1000144]}}",
                                144)),
                new Case(
                        "weights of another network",
                        1,
                        "error: *mnist_cae.safetensors does not fit the network: *; *",
                        folder -> new String[] {
                            "eval", good.resolve("saved/mnist_cae.safetensors").toString(), "--model", "mnist_ae"
                        }),
                new Case(
                        "traces that are not there",
                        1,
                        "error: there are no traces in DIR; run make parity",
                        folder -> new String[] {
                            "parity",
                            "--trace-dir",
                            folder.toString(),
                            "--figures-dir",
                            good.resolve("figures").toString()
                        }));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void badInputIsAnsweredInOneLineAndNothingIsLost(Case input, @TempDir Path folder) throws IOException {
        String[] line = input.input.prepare(folder);
        Map<String, Long> before = contents();
        CommandLineRun run = CommandLineRun.of((Object) line);
        String answer = run.err().replace(folder.toString(), "DIR");
        assertEquals(input.status, run.status(), run.err());
        String expected = Stream.of(input.answer.split("\\*", -1))
                .map(java.util.regex.Pattern::quote)
                .reduce((a, b) -> a + "[^\\n]*" + b)
                .orElseThrow();
        assertTrue(answer.matches(expected + "\\n"), answer);
        assertFalse(answer.contains("Exception") || answer.contains("\tat ") || answer.contains("frame #"), answer);
        assertEquals(before, contents());
    }

    /** Name and date of all good files; a lock is no result. */
    private static Map<String, Long> contents() throws IOException {
        Map<String, Long> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(good)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith(".lock"))
                    .toList()) {
                contents.put(
                        good.relativize(file).toString(),
                        Files.getLastModifiedTime(file).toMillis());
            }
        }
        return contents;
    }
}
