package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import mnist.runtime.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gives the report other numbers than were measured, and reads what it then says. */
class ReportValuesTest {
    private static final String PLAIN = "mnist_cae";
    private static final String SKIP = "mnist-cae-skip";
    private static final String NOISY = "mnist_cae_noisy";
    private static final String SKIP_NOISY = "mnist-cae-skip-noisy";

    private static final Map<String, String> APART =
            Map.of("mnist_ae", "", PLAIN, "", SKIP, "", NOISY, "", SKIP_NOISY, "");

    @TempDir
    Path saved;

    @BeforeEach
    void copyTheRecordedRuns() throws IOException {
        for (String model : List.of("mnist_cnn", "mnist_ae", PLAIN, SKIP, NOISY, SKIP_NOISY)) {
            Files.copy(Path.of("saved", model + ".json"), saved.resolve(model + ".json"));
        }
    }

    /** Changes a value in a record. */
    private void set(String model, String path, Object value) throws IOException {
        Path file = saved.resolve(model + ".json");
        JsonObject record = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        JsonElement place = record;
        String[] steps = path.split("/");
        for (int i = 0; i < steps.length - 1; i++) {
            place = place instanceof JsonArray array
                    ? array.get(steps[i].equals("last") ? array.size() - 1 : Integer.parseInt(steps[i]))
                    : place.getAsJsonObject().get(steps[i]);
        }
        place.getAsJsonObject()
                .add(
                        steps[steps.length - 1],
                        value instanceof Number number
                                ? new JsonPrimitive(number)
                                : JsonParser.parseString(value.toString()));
        Files.writeString(file, record.toString());
    }

    private void setTestLoss(String model, double loss) throws IOException {
        set(model, "metrics/testLoss", loss);
    }

    private void setNeighbours(String model, double share) throws IOException {
        set(model, "metrics/embedding/nearestNeighbourAccuracy", share);
    }

    private ReportValues reportValues() {
        return new ReportValues(
                FinishedRun.read(saved, "mnist_cnn", Prob4.Metrics.class),
                FinishedRun.read(saved, "mnist_ae", Prob5.Metrics.class),
                FinishedRun.read(saved, PLAIN, Prob6.Metrics.class),
                FinishedRun.read(saved, SKIP, Prob6.Metrics.class),
                FinishedRun.read(saved, NOISY, Prob6.Metrics.class),
                FinishedRun.read(saved, SKIP_NOISY, Prob6.Metrics.class));
    }

    private String say(String part, String sentence) {
        return ((Map<?, ?>)
                        reportValues().values((file, caption) -> file, APART).get(part))
                .get(sentence)
                .toString();
    }

    private static void assertSays(String text, String... parts) {
        for (String part : parts) assertTrue(text.contains(part), text);
    }

    @Test
    void outputSizesAreThoseOfTheExercise() {
        List<?> sizes =
                (List<?>) reportValues().values((file, caption) -> file, APART).get("sizes");
        assertEquals(
                List.of(49, 9, 23, 49),
                sizes.stream().map(size -> ((Map<?, ?>) size).get("output")).toList()); // by hand
    }

    @Test
    void skipConnectionsAreSaidToHelpWhereTheyDo() throws IOException {
        setTestLoss(PLAIN, 0.04);
        setTestLoss(SKIP, 0.002);
        assertSays(
                say("skips", "reconstructions"),
                "0.0020, lower by a factor of 20 than the 0.0400 without",
                "does not have to guess");
    }

    @Test
    void skipConnectionsAreSaidToHarmWhereTheyDo() throws IOException {
        setTestLoss(PLAIN, 0.04);
        setTestLoss(SKIP, 0.05);
        assertSays(say("skips", "reconstructions"), "0.0500, 25 % higher than the 0.0400 without", "do not help");
    }

    @Test
    void theEmbeddingIsSaidToSufferFromSkipConnectionsOnlyWhereItDoes() throws IOException {
        setNeighbours(PLAIN, 0.6);
        setNeighbours(SKIP, 0.3);
        assertSays(
                say("skips", "embeddings"), "30.0 % instead of 60.0 %, 30.0 points lower", "no longer makes them tell");
        setNeighbours(SKIP, 0.7);
        assertSays(say("skips", "embeddings"), "70.0 % instead of 60.0 %, 10.0 points higher", "no worse");
    }

    @Test
    void trainingLossesAreComparedAsTheyFell() throws IOException {
        for (String model : List.of(PLAIN, SKIP)) set(model, "epochs/last/testLoss", 0.01);
        set(PLAIN, "epochs/last/trainLoss", 0.02);
        set(SKIP, "epochs/last/trainLoss", 0.016);
        set(SKIP, "epochs/0/trainLoss", 0.019);
        assertSays(
                say("skips", "losses"),
                "0.0190 with skip connections",
                "over the last 0.0160 and 0.0200",
                "With them the loss is lower in the first epoch",
                "no sign of overfitting");
        set(SKIP, "epochs/0/trainLoss", 0.021);
        set(SKIP, "epochs/last/testLoss", 0.02);
        String slow = say("skips", "losses");
        assertFalse(slow.contains("lower in the first") || slow.contains("no sign"), slow);
        assertSays(slow, "up to 25 % above");
    }

    @Test
    void noiseIsWeighedAgainstTheInputAndAgainstCleanImages() throws IOException {
        set(NOISY, "metrics/inputLoss", 0.09);
        setTestLoss(NOISY, 0.045);
        setTestLoss(PLAIN, 0.0375);
        setTestLoss(SKIP_NOISY, 0.009);
        assertSays(
                say("noise", "without"),
                "error of 0.0450, lower by a factor of 2.0 than that of its input and 20 % higher than that of 6.1 on clean images");
        assertSays(say("noise", "between"), "lower by a factor of 5.0 than without", "follows the strokes");
        setTestLoss(SKIP_NOISY, 0.09);
        assertSays(say("noise", "between"), "higher by a factor of 2.0 than without", "hand over noise");
    }

    @Test
    void embeddingsOfNoisyImagesAreComparedAsTheyAre() throws IOException {
        setNeighbours(PLAIN, 0.6);
        setNeighbours(NOISY, 0.5);
        setNeighbours(SKIP, 0.3);
        setNeighbours(SKIP_NOISY, 0.4);
        assertSays(
                say("noise", "embeddings"),
                "50.0 % without skip connections (10.0 points lower than for the network of 6.1",
                "40.0 % with them (10.0 points higher than",
                "told apart better where the two");
        setNeighbours(SKIP_NOISY, 0.55);
        assertSays(say("noise", "embeddings"), "not told apart better");
    }

    @Test
    void confusionsAreCountedAndCalledWhatTheyAre() throws IOException {
        set("mnist_cnn", "metrics/confusion", "[[90, 10], [1, 99]]");
        assertSays(
                say("cnn", "comment"),
                "of a 0 with a 1",
                "It is one-sided (10 and 1 times)",
                "noticeable confusion",
                "one image of its class in 10.");
        assertEquals("0 (90.0 %)", say("cnn", "worst"));
        set("mnist_cnn", "metrics/confusion", "[[995, 5], [4, 996]]");
        assertSays(
                say("cnn", "comment"),
                "It happens both ways (5 and 4 times)",
                "No confusion is common",
                "one image of its class in 200.");
        set("mnist_cnn", "metrics/confusion", "[[90, 0], [0, 99]]");
        assertEquals("false", say("cnn", "confused"));
    }

    @Test
    void theLinearAutoencoderIsSaidToHaveArrivedOnlyWhereItHas() throws IOException {
        set("mnist_ae", "metrics/linear/angles", "[1, 4.9]");
        assertSays(say("linear", "comment"), "coincide");
        set("mnist_ae", "metrics/linear/angles", "[1, 30]");
        assertSays(say("linear", "comment"), "not converged");
    }

    @Test
    void runsThatCannotBeComparedAreRefused() throws IOException {
        reportValues().requireComparable();
        set(NOISY, "options/noise", 0.5);
        assertSays(
                assertThrows(UserError.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist-cae-skip-noisy was trained with other options",
                "make prob6");
        set(SKIP_NOISY, "options/noise", 0.5);
        reportValues().requireComparable();
        set(SKIP, "options/epochs", 3);
        assertSays(
                assertThrows(UserError.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist-cae-skip was trained with other options");
        set("mnist_ae", "dataset/sha256", "\"0\"");
        assertSays(
                assertThrows(UserError.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist_ae and mnist_cnn were trained on different data");
    }

    @Test
    void aRecordWithoutAMetricIsRefused() throws IOException {
        set(PLAIN, "metrics", "{\"testLoss\": 1}");
        assertSays(assertThrows(UserError.class, this::reportValues).getMessage(), "mnist_cae.json lack inputLoss");
    }
}
