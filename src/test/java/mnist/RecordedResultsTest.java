package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mnist.evaluation.Comparison;
import mnist.evaluation.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The recorded results are whole, and what the documents say of them is what they hold. They are read from git's index,
 * because runs since may have replaced the files.
 */
class RecordedResultsTest {
    private static final List<String> AUTOENCODERS =
            List.of("mnist_ae", "mnist_cae", "mnist-cae-skip", "mnist_cae_noisy", "mnist-cae-skip-noisy");
    private static final List<String> MODELS =
            Stream.concat(Stream.of("mnist_cnn"), AUTOENCODERS.stream()).toList();

    private static String text(String document) throws IOException {
        return Files.readString(Path.of(document));
    }

    private static String git(String... arguments) throws IOException {
        List<String> command =
                Stream.concat(Stream.of("git"), Stream.of(arguments)).toList();
        Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertEquals(0, git.waitFor(), output);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return output;
    }

    private static JsonObject record(String name) throws IOException {
        return JsonParser.parseString(git("show", ":saved/" + name + ".json")).getAsJsonObject();
    }

    @BeforeAll
    static void needsTheRepository() {
        assumeTrue(Files.exists(Path.of(".git")), "not in a clone of the repository");
    }

    /** Takes a number of the metrics of each seed. */
    private static Sample sample(String model, ToDoubleFunction<JsonObject> metric) throws IOException {
        JsonObject record = record(model);
        return Sample.of(
                Stream.concat(Stream.of(record), record.getAsJsonArray("replicates").asList().stream())
                        .toList(),
                run -> metric.applyAsDouble(run.getAsJsonObject().getAsJsonObject("metrics")));
    }

    private static Sample mse(String model) throws IOException {
        return sample(model, metrics -> metrics.get("testLoss").getAsDouble());
    }

    /** Returns the 10-NN accuracies of a model's embedding, in percent. */
    private static Sample neighbours(String model) throws IOException {
        return sample(
                model,
                metrics -> 100
                        * metrics.getAsJsonObject("embedding")
                                .get("nearestNeighbourAccuracy")
                                .getAsDouble());
    }

    private static void assertSays(String document, String text) throws IOException {
        assertTrue(text(document).contains(text), document + " should say: " + text);
    }

    @Test
    void allRecordsAreOfOneCommitOneMachineAndTenSeeds() throws IOException {
        List<JsonObject> records = new ArrayList<>();
        for (String model : MODELS) records.add(record(model));
        for (JsonObject record : records) {
            assertEquals(
                    "1,2,3,4,5,6,7,8,9,10",
                    record.getAsJsonObject("options").get("seeds").getAsString());
            assertEquals(9, record.getAsJsonArray("replicates").size());
        }
        records.add(record("prob6-ablations"));
        Set<String> origins = new TreeSet<>();
        for (JsonObject record : records) {
            String commit = record.getAsJsonObject("versions").get("commit").getAsString();
            assertTrue(commit.matches("[0-9a-f]{12}"), commit); // of a tree without changes
            origins.add(record.get("machine").getAsString() + ", " + commit);
        }
        assertEquals(1, origins.size(), origins.toString());
    }

    @Test
    void theReadmesTableOfResultsIsWhatTheRecordsHold() throws IOException {
        List<String> problems = List.of("5", "6.1 plain", "6.2 skip", "6.3 noisy", "6.3 skip-noisy");
        for (int i = 0; i < AUTOENCODERS.size(); i++) {
            Sample mse = mse(AUTOENCODERS.get(i));
            Sample neighbours = neighbours(AUTOENCODERS.get(i));
            assertSays(
                    "README.md",
                    String.format(
                            "| `%s` | %s | %.5f | %s | %.1f | %s |",
                            AUTOENCODERS.get(i),
                            problems.get(i),
                            mse.values()[0],
                            mse.format("%.5f"),
                            neighbours.values()[0],
                            neighbours.format("%.1f")));
        }
        Sample accuracy =
                sample("mnist_cnn", metrics -> 100 * metrics.get("accuracy").getAsDouble());
        assertSays(
                "README.md",
                String.format("accuracy of %.2f %% (%s %%)", accuracy.values()[0], accuracy.format("%.2f")));
    }

    @Test
    void theReadmesSentenceOnSkipConnectionsIsWhatTheRecordsShow() throws IOException {
        Comparison losses = Comparison.ofLosses(mse("mnist_cae"), mse("mnist-cae-skip"));
        Comparison points = Comparison.ofNumbers(neighbours("mnist_cae"), neighbours("mnist-cae-skip"));
        assertTrue(losses.isHigher() && points.isHigher());
        assertSays(
                "README.md",
                String.format(
                        "With skip connections the error is %.0f times smaller (95 %% interval over the seeds: %.0f to %.0f) and the 10-NN accuracy %.0f points lower (%.0f to %.0f).",
                        losses.estimate(),
                        losses.low(),
                        losses.high(),
                        points.estimate(),
                        points.low(),
                        points.high()));
    }

    @Test
    void theReadmesTableOfSpeedsIsThatOfTheRecordedMeasurement() throws IOException {
        String results = text("bench/RESULTS.md");
        int start = results.indexOf("| | goal |");
        assertSays("README.md", results.substring(start, results.indexOf("\n\n", start)));
        String all = results.substring(results.indexOf("## All of problem 6"));
        List<String> seconds = Pattern.compile("(?m)^\\| [^|]+ \\| ([0-9.]+) \\(")
                .matcher(all)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertSays(
                "README.md",
                String.format(
                        "takes %.0f s as a whole process; Python trains the same in %.0f s one after the other, and in %.0f s in four processes at once",
                        Double.parseDouble(seconds.get(0)),
                        Double.parseDouble(seconds.get(1)),
                        Double.parseDouble(seconds.get(3))));
    }

    @Test
    void whatIsSaidOfManyMachinesIsInTheRecordedMeasurement() throws IOException {
        String scaling = text("bench/SCALING.md");
        for (String row : List.of(
                "| 64 | 19.91 | 2.70 | 4.11 |", // "half a batch takes the convolutional autoencoder 4.1 ms"
                "| 2 ranks, 1 thread | 13,600 |", // 128 images in 9.4 ms
                "| 1 | 1.52 | 1.05 | 0.73 | 0.73 |", // "0.7 to 1.5 ms for a single image"
                "| 100 | 0.5 (96 %) |")) assertTrue(scaling.contains(row), row);
        for (String said : List.of(
                "takes the convolutional autoencoder 4.1 ms, and the step of two ranks 9.4",
                "0.7 to 1.5 ms for a single image",
                "spend 96 % of a step")) assertSays("bench/README.md", said);
    }

    @Test
    void theAutoencodersFollowPythonAsCloselyAsIsSaid() throws IOException {
        List<MatchResult> rows = Pattern.compile("(mnist_ae|mnist.cae\\S*) +float32 +pass +identical +(\\S+) ")
                .matcher(text("bench/PARITY.md"))
                .results()
                .toList();
        assertEquals(10, rows.size()); // five models beside two versions of PyTorch
        for (MatchResult row : rows) assertTrue(Double.parseDouble(row.group(2)) < 5e-7, row.group());
        assertSays("docs/PARITY.md", "autoencoders' losses come within 5·10⁻⁷");
    }

    @Test
    void theVersionsOfLibrariesAreThoseOfTheBuild() throws IOException {
        String build = text("pom.xml") + System.getProperty("surefire.test.class.path");
        String libraries = text("docs/RELIABILITY.md").split("\\| library ")[1];
        for (MatchResult row : Pattern.compile("\n\\| [^|]+\\| ([0-9][^|]+) \\|")
                .matcher(libraries)
                .results()
                .toList()) for (String version : row.group(1).split(", ")) assertTrue(build.contains(version), version);
    }

    @Test
    void everyModelIsThereInItsFormats() throws IOException {
        List<String> files = git("ls-files", "saved").lines().toList();
        for (String model : MODELS) {
            for (JsonElement format : record(model).getAsJsonArray("formats")) {
                String file = "saved/" + model + "." + format.getAsString();
                assertTrue(files.contains(file), file);
            }
        }
    }
}
