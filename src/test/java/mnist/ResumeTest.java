package mnist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares runs that were interrupted after an epoch and resumed with one that was not. */
@Tag("long")
public class ResumeTest implements UsesLibTorch {
    private static final List<String> PROBLEMS = List.of("prob4", "prob5", "prob6");
    private static final String[] SMALL = {"--train-size", "256", "--test-size", "50"};

    @TempDir
    static Path whole;

    @TempDir
    static Path parts;

    private static CommandLineRun run(String problem, Path folder, String... options) {
        return CommandLineRun.onSample(
                problem,
                folder,
                Stream.concat(Stream.of(SMALL), Stream.of(options)).toArray(String[]::new));
    }

    @BeforeAll
    static void train() {
        for (String problem : PROBLEMS) {
            assertEquals(0, run(problem, whole, "--epochs", "3").status());
            assertEquals(0, run(problem, parts, "--epochs", "1").status());
        }
    }

    private static byte[] weights(Path folder, String model) throws IOException {
        byte[] file = Files.readAllBytes(folder.resolve("saved").resolve(model + ".safetensors"));
        int header = 8
                + (int) java.nio.ByteBuffer.wrap(file)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getLong();
        return Arrays.copyOfRange(file, header, file.length); // the header holds the record, which holds times
    }

    private static JsonObject recordWithoutTimes(Path folder, String model) throws IOException {
        JsonObject record = CommandLineRun.record(folder, model);
        removeTimes(record);
        for (JsonElement replicate : record.getAsJsonArray("replicates")) removeTimes(replicate.getAsJsonObject());
        return record;
    }

    private static void removeTimes(JsonObject run) {
        for (JsonElement epoch : run.getAsJsonArray("epochs"))
            epoch.getAsJsonObject().remove("seconds");
    }

    /** Compares weights to the bit, and records but for times. */
    public static void assertSameResults(Path expected, Path actual, String... models) throws IOException {
        for (String model : models) {
            assertArrayEquals(weights(expected, model), weights(actual, model), model);
            assertEquals(recordWithoutTimes(expected, model), recordWithoutTimes(actual, model));
        }
    }

    @Test
    void aRunResumedInAnotherProcessEndsWithTheSameBitsAsOneNeverInterrupted() throws Exception {
        List<List<String>> resumed = PROBLEMS.stream()
                .map(problem -> Stream.concat(Stream.of(problem, "--resume", "--epochs", "3"), Stream.of(SMALL))
                        .toList())
                .toList();
        try (ProcessRun run = ProcessRun.severalOnSample(parts, resumed)) {
            assertEquals(0, run.status(), run.output());
            assertEquals(6, run.output().split("resuming after epoch 1\n", -1).length - 1, run.output());
        }
        assertSameResults(
                whole,
                parts,
                "mnist_cnn",
                "mnist_ae",
                "mnist_cae",
                "mnist-cae-skip",
                "mnist_cae_noisy",
                "mnist-cae-skip-noisy");
    }

    @Test
    void anotherSeedGivesOtherBits(@TempDir Path other) throws IOException { // so the comparison can fail
        assertEquals(
                0,
                run("prob6", other, "--only", "plain", "--epochs", "3", "--seed", "2")
                        .status());
        assertFalse(Arrays.equals(weights(whole, "mnist_cae"), weights(other, "mnist_cae")));
    }

    @Test
    void withNothingToResumeTheRunStartsAtTheBeginningAndSaysSo(@TempDir Path empty) throws IOException {
        CommandLineRun run = run("prob6", empty, "--only", "plain", "--epochs", "3", "--resume", "--threads", "1");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("nothing to resume: starting at the beginning"));
        assertArrayEquals(weights(whole, "mnist_cae"), weights(empty, "mnist_cae"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--seed 2       | seed 1, not 2",
                "--lr 0.01      | lr 0.001, not 0.01",
                "--train-size 9 | trainSize 256, not 9",
                "--noise 0.2    | noise 0.3, not 0.2"
            })
    void otherOptionsAreRefused(String option, String difference) {
        CommandLineRun run = run("prob6", whole, ("--only noisy --epochs 4 --resume " + option.strip()).split(" "));
        assertEquals(1, run.status());
        assertEquals(
                "error: " + whole.resolve("saved/mnist_cae_noisy.checkpoint") + " is of a run with " + difference
                        + "; repeat its options, or leave out --resume to start anew\n",
                run.err());
    }

    @Test
    void anotherDataSetIsRefused(@TempDir Path data) throws IOException {
        for (String part : List.of("images-idx3", "labels-idx1")) { // tests on the training images
            Files.copy(SAMPLE.resolve("train-" + part + "-ubyte.gz"), data.resolve("train-" + part + "-ubyte.gz"));
            Files.copy(SAMPLE.resolve("train-" + part + "-ubyte.gz"), data.resolve("t10k-" + part + "-ubyte.gz"));
        }
        CommandLineRun run = CommandLineRun.of(
                "prob6",
                "--only",
                "noisy",
                "--epochs",
                "4",
                "--train-size",
                "256",
                "--test-size",
                "50",
                "--resume",
                "--data-dir",
                data,
                "--unverified-data",
                "--saved-dir",
                whole.resolve("saved"),
                "--figures-dir",
                whole.resolve("figures"));
        assertEquals(1, run.status());
        assertTrue(run.err().contains("is of a run with another data set, mnist; repeat its options"), run.err());
    }

    @Test
    void aCheckpointOfAnotherModelIsRefused(@TempDir Path folder) throws IOException {
        Path file = Files.createDirectories(folder.resolve("saved")).resolve("mnist_cae.checkpoint");
        Files.copy(whole.resolve("saved/mnist_cae_noisy.checkpoint"), file);
        CommandLineRun run = run("prob6", folder, "--only", "plain", "--epochs", "4", "--resume");
        assertEquals(1, run.status());
        assertEquals(
                "error: " + file + " is of a run with another model, mnist_cae_noisy; "
                        + "repeat its options, or leave out --resume to start anew\n",
                run.err());
    }

    @Test
    void fewerEpochsThanAreDoneAreRefused() {
        CommandLineRun run = run("prob6", whole, "--only", "noisy", "--epochs", "2", "--resume");
        assertEquals(1, run.status());
        assertEquals(
                "error: " + whole.resolve("saved/mnist_cae_noisy.checkpoint")
                        + " is of a run with 3 epochs, more than the 2 asked for"
                        + "; repeat its options, or leave out --resume to start anew\n",
                run.err());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 20_000})
    void aDamagedCheckpointIsRefused(int length, @TempDir Path damaged) throws IOException {
        Path file = Files.createDirectories(damaged.resolve("saved")).resolve("mnist_cae.checkpoint");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(whole.resolve("saved/mnist_cae.checkpoint")), length));
        CommandLineRun run = run("prob6", damaged, "--only", "plain", "--resume");
        assertEquals(1, run.status());
        assertTrue(
                run.err()
                        .matches(
                                "error: [^\\n]*mnist_cae.checkpoint cannot be resumed from \\([^\\n]*\\); delete it, or leave out --resume, to start anew\\n"),
                run.err());
    }
}
