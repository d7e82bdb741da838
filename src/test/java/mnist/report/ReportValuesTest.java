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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import libtorch.LibTorchException;
import mnist.study.Ablations;
import mnist.study.RecordedMetrics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gives the report other numbers than were measured, and reads what it then says. */
class ReportValuesTest {
    private static final String PLAIN = "mnist_cae";
    private static final String SKIP = "mnist-cae-skip";
    private static final String NOISY = "mnist_cae_noisy";
    private static final String SKIP_NOISY = "mnist-cae-skip-noisy";

    private static final Map<String, ShownNetwork> SHOWN = Map.of(
            "mnist_ae",
            shown(0.25),
            PLAIN,
            shown(0.45),
            SKIP,
            shown(0.08),
            NOISY,
            shown(0.62),
            SKIP_NOISY,
            shown(0.085));

    /** Lets so many of 1,000 reconstructions be taken for another digit, and 7 % of the originals. */
    private static ShownNetwork shown(double otherDigits) {
        return new ShownNetwork(
                new Regions(
                        List.of(new Regions.Region(1, 0.9, "on the left"), new Regions.Region(5, 0.2, "at the top"))),
                new RecognizedDigits(new long[1000], ones(otherDigits), ones(0.07)));
    }

    private static long[] ones(double share) {
        return LongStream.range(0, 1000).map(i -> i < 1000 * share ? 1 : 0).toArray();
    }

    @TempDir
    Path saved;

    @BeforeEach
    void copyTheRecordedRuns() throws IOException {
        for (String model : List.of("mnist_cnn", "mnist_ae", PLAIN, SKIP, NOISY, SKIP_NOISY)) {
            Files.copy(Path.of("src/test/resources/records", model + ".json"), saved.resolve(model + ".json"));
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

    private ReportValues reportValues() {
        return new ReportValues(
                FinishedRun.read(saved, "mnist_cnn", RecordedMetrics.OfClassifier.class),
                FinishedRun.read(saved, "mnist_ae", RecordedMetrics.OfAutoencoder.class),
                FinishedRun.read(saved, PLAIN, RecordedMetrics.OfVariant.class),
                FinishedRun.read(saved, SKIP, RecordedMetrics.OfVariant.class),
                FinishedRun.read(saved, NOISY, RecordedMetrics.OfVariant.class),
                FinishedRun.read(saved, SKIP_NOISY, RecordedMetrics.OfVariant.class));
    }

    private String say(String part, String sentence) {
        return ((Map<?, ?>)
                        reportValues().values((file, caption) -> file, SHOWN).get(part))
                .get(sentence)
                .toString();
    }

    /** Returns a row of the table of comparisons that a part cites. */
    private String row(String part, int number) {
        List<?> rows = (List<?>) ((Map<?, ?>)
                        reportValues().values((file, caption) -> file, SHOWN).get(part))
                .get("rows");
        for (Object row : rows) {
            Map<?, ?> cells = (Map<?, ?>) row;
            if (cells.get("number").equals(number))
                return String.format(
                        "%d: %s, %s in %s", number, cells.get("estimate"), cells.get("range"), cells.get("seeds"));
        }
        throw new AssertionError("no row " + number + " in " + rows);
    }

    private static void assertSays(String text, String... parts) {
        for (String part : parts) assertTrue(text.contains(part), text);
    }

    @Test
    void outputSizesAreThoseOfTheExercise() {
        List<?> sizes =
                (List<?>) reportValues().values((file, caption) -> file, SHOWN).get("sizes");
        assertEquals(
                List.of(49, 9, 23, 49),
                sizes.stream().map(size -> ((Map<?, ?>) size).get("output")).toList()); // by hand
    }

    /** Gives a record a value for each of some seeds; at first the others are like the first in all else. */
    private void setSeeds(String model, String path, double... values) throws IOException {
        Path file = saved.resolve(model + ".json");
        JsonObject record = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        if (!record.has("replicates")) {
            JsonArray replicates = new JsonArray();
            for (int seed = 2; seed <= values.length; seed++) {
                JsonObject replicate = new JsonObject();
                replicate.addProperty("seed", seed);
                replicate.add("epochs", record.get("epochs").deepCopy());
                replicate.add("metrics", record.get("metrics").deepCopy());
                replicates.add(replicate);
            }
            record.add("replicates", replicates);
            Files.writeString(file, record.toString());
        }
        set(model, path, values[0]);
        for (int i = 1; i < values.length; i++) set(model, "replicates/" + (i - 1) + "/" + path, values[i]);
    }

    private void setTestLosses(String model, double... losses) throws IOException {
        setSeeds(model, "metrics/testLoss", losses);
    }

    private void setNeighbours(String model, double... shares) throws IOException {
        setSeeds(model, "metrics/embedding/nearestNeighbourAccuracy", shares);
    }

    private void giveAllThreeSeeds() throws IOException {
        for (String model : List.of(PLAIN, SKIP, NOISY, SKIP_NOISY)) setTestLosses(model, 1, 1, 1);
    }

    @Test
    void ofOneSeedNothingIsClaimed() throws IOException {
        setTestLoss(PLAIN, 0.04);
        setTestLoss(SKIP, 0.002);
        String said = say("skips", "reconstructions");
        assertSays(
                say("skips", "answer"),
                "With skip connections the test error was lower by a factor of 20 (row\u00a01),");
        assertEquals("1: × 0.050, – in 1 of 1", row("skips", 1));
        assertFalse(said.contains("smaller error") || said.contains("do not help"), said);
        assertSays(
                reportValues()
                        .values((file, caption) -> file, SHOWN)
                        .get("seeds")
                        .toString(),
                "of one seed",
                "nothing is concluded");
    }

    @Test
    void skipConnectionsAreSaidToHelpWhereAllSeedsShowIt() throws IOException {
        setTestLosses(PLAIN, 0.04, 0.042, 0.041);
        setTestLosses(SKIP, 0.002, 0.0021, 0.002);
        assertSays(say("skips", "reconstructions"), "The smaller error measures how well");
        assertSays(
                say("skips", "answer"),
                "With skip connections the test error is lower by a factor of 20 (row\u00a01),");
        assertEquals("1: × 0.050, 0.048 to 0.051 in 3 of 3", row("skips", 1));
        assertSays(
                reportValues()
                        .values((file, caption) -> file, SHOWN)
                        .get("seeds")
                        .toString(),
                "3 seeds",
                "p < 0.05");
    }

    @Test
    void skipConnectionsAreSaidToHarmWhereAllSeedsShowIt() throws IOException {
        setTestLosses(PLAIN, 0.04, 0.042, 0.041);
        setTestLosses(SKIP, 0.05, 0.0525, 0.0512);
        assertSays(say("skips", "answer"), "the test error is 25 % higher (row\u00a01)");
        assertSays(say("skips", "reconstructions"), "do not help");
    }

    @Test
    void aDifferenceThatSeedsDisagreeOnIsNotClaimed() throws IOException {
        setTestLosses(PLAIN, 0.04, 0.04, 0.04);
        setTestLosses(SKIP, 0.03, 0.05, 0.04);
        String said = say("skips", "reconstructions");
        assertSays(say("skips", "answer"), "the test error is not shown to differ (row\u00a01)");
        assertEquals("1: × 0.979, 0.518 to 1.849 in 1 of 3", row("skips", 1));
        assertFalse(said.contains("smaller error") || said.contains("do not help"), said);
    }

    @Test
    void theEmbeddingIsSaidToSufferFromSkipConnectionsOnlyWhereItIsShown() throws IOException {
        setNeighbours(PLAIN, 0.649, 0.606, 0.625, 0.614);
        setNeighbours(SKIP, 0.350, 0.306, 0.313, 0.310); // 29.9, 30.0, 31.2 and 30.4 points less
        assertSays(say("skips", "embeddings"), "the loss hardly depends on the code");
        assertSays(say("skips", "answer"), "the 10-NN accuracy of the embedding is 30.4 points lower (row\u00a03)");
        assertTrue(row("skips", 3).startsWith("3: −30.4 points"), row("skips", 3));
        setNeighbours(SKIP, 0.950, 0.906, 0.925, 0.914);
        assertSays(say("skips", "embeddings"), "separate the digits better");
        assertSays(say("skips", "answer"), "the 10-NN accuracy of the embedding is 30.0 points higher");
        setNeighbours(SKIP, 0.95, 0.3, 0.92, 0.3);
        String unclear = say("skips", "embeddings");
        assertSays(say("skips", "answer"), "the 10-NN accuracy of the embedding is not shown to differ");
        assertFalse(unclear.contains("hardly") || unclear.contains("better"), unclear);
    }

    @Test
    void noiseIsNotSaidToLowerTheAccuracyWhereSeedsDoNotShowIt() throws IOException {
        for (String model : List.of(PLAIN, NOISY, SKIP, SKIP_NOISY)) setTestLosses(model, 1, 1, 1, 1);
        setNeighbours(PLAIN, 0.649, 0.606, 0.625, 0.514);
        setNeighbours(NOISY, 0.469, 0.621, 0.562, 0.561);
        setNeighbours(SKIP, 0.35, 0.35, 0.35, 0.35);
        setNeighbours(SKIP_NOISY, 0.25, 0.26, 0.24, 0.25);
        assertSays( // 4.5 ± 16.1 points of accuracy
                say("noise", "embeddings"),
                "Noise in training and test lowers the 10-NN accuracy by 10.0 points with skip connections (row\u00a028), but is not shown to change it without them (row\u00a027).");
    }

    @Test
    void theDecoderIsSaidToIgnoreItsCodeOnlyWhereShufflingChangesNothing() throws IOException {
        setTestLosses(PLAIN, 0.0450, 0.0452, 0.0451);
        setSeeds(PLAIN, "metrics/measurements/shuffledCodesLoss", 0.0844, 0.085, 0.0846);
        setTestLosses(SKIP, 0.00193, 0.00191, 0.00195);
        setSeeds(SKIP, "metrics/measurements/shuffledCodesLoss", 0.00196, 0.00194, 0.00197);
        assertSays(
                say("skips", "codes"),
                "Decoding each image with the code of another raises the error by 88 % without skip connections (row\u00a05), but is not shown to change it with them (row\u00a06: × 1.014,",
                "With skip connections the decoder hardly uses the code."); // at most 2 % according to the interval
        assertSays(say("skips", "answer"), "hardly uses the code");
        setSeeds(SKIP, "metrics/measurements/shuffledCodesLoss", 0.003, 0.0031, 0.003);
        assertSays(say("skips", "codes"), "the code matters with skip connections, too");
        assertFalse(say("skips", "answer").contains("uses the code"), say("skips", "answer"));
        setSeeds(SKIP, "metrics/measurements/shuffledCodesLoss", 0.003, 0.0011, 0.003);
        assertSays(say("skips", "codes"), "Whether the code matters with skip connections is not shown");
    }

    @Test
    void trainingLossesAreComparedAsTheyFell() throws IOException {
        giveAllThreeSeeds();
        setSeeds(PLAIN, "epochs/last/trainLoss", 0.02, 0.021, 0.0205);
        setSeeds(PLAIN, "epochs/last/testLoss", 0.01, 0.01, 0.01);
        setSeeds(SKIP, "epochs/last/trainLoss", 0.016, 0.016, 0.016);
        setSeeds(SKIP, "epochs/last/testLoss", 0.02, 0.02, 0.0201);
        setSeeds(SKIP, "epochs/0/trainLoss", 0.019, 0.0199, 0.0195);
        assertSays(
                say("skips", "losses"),
                "The training loss of skip in its first epoch is 5 % lower than that of plain in its last (row\u00a04).",
                " the largest of the seeds is 1.00 times the smallest for skip and 1.05 times for plain."); // 21 / 20
        assertSays(say("skips", "answer"), "the training loss of the last epoch is 22 % lower (row\u00a02)");
        assertFalse(say("skips", "losses").contains("more epochs"), say("skips", "losses"));
        setSeeds(SKIP, "epochs/last/testLoss", 0.001, 0.001, 0.001);
        assertSays(say("skips", "losses"), "the networks would probably gain from more epochs");
        setSeeds(PLAIN, "epochs/4/trainLoss", 0.041, 0.041, 0.041);
        setSeeds(SKIP, "epochs/4/trainLoss", 0.015, 0.015, 0.015);
        assertSays( // 0.0205 / 0.041 and 0.016 / 0.015
                say("skips", "losses"),
                "From epoch 5 to epoch 10 the mean loss of plain falls by 50 %, that of skip rises by 7 %.");
        setSeeds(SKIP, "epochs/0/trainLoss", 0.019, 0.025, 0.019);
        assertSays(say("skips", "losses"), "first epoch is not shown to differ from that of plain in its last");
    }

    @Test
    void theDenoiserIsWeighedAgainstFiltersThatNeedNoTraining() throws IOException {
        giveAllThreeSeeds();
        String some = "metrics/measurements/noise/3/testLoss"; // at σ = 0.3
        String filters = "metrics/measurements/filters/";
        for (String model : List.of(NOISY, SKIP_NOISY)) {
            setSeeds(model, filters + "clippedLoss", 0.0466, 0.0466, 0.0466);
            setSeeds(model, filters + "blurLoss", 0.016, 0.016, 0.016);
            setSeeds(model, filters + "medianLoss", 0.018, 0.018, 0.018);
        }
        setSeeds(NOISY, some, 0.049, 0.0495, 0.0491);
        setSeeds(SKIP_NOISY, some, 0.0074, 0.0075, 0.0074);
        assertSays(
                say("noise", "filters"),
                "The error of noisy is 6 % higher than that of clipping (row\u00a0",
                "On average the Gaussian blur is the best of the filters",
                "that of skip-noisy is lower by a factor of 2.2 than that of the filter",
                "worse than clipping");
        setSeeds(NOISY, some, 0.039, 0.0395, 0.0391);
        String better = say("noise", "filters");
        assertSays(better, "16 % lower than that of clipping");
        assertFalse(better.contains("worse"), better);
    }

    @Test
    void theNoisyVariantsAreComparedOverTheSeeds() throws IOException {
        giveAllThreeSeeds();
        setTestLosses(NOISY, 0.045, 0.0452, 0.0451);
        setTestLosses(SKIP_NOISY, 0.009, 0.0091, 0.009);
        assertSays(say("skips", "noisyReconstructions"), "follows the strokes");
        assertSays(
                say("skips", "noisyAnswer"),
                "On noisy images, with skip connections the test error is lower by a factor of 5.0 (row\u00a07), the training loss of the last epoch is");
        setTestLosses(PLAIN, 0.045, 0.0452, 0.0451);
        setTestLosses(SKIP, 0.009, 0.0091, 0.009);
        for (String model : List.of(PLAIN, NOISY)) setNeighbours(model, 0.6, 0.61, 0.605);
        for (String model : List.of(SKIP, SKIP_NOISY)) setNeighbours(model, 0.4, 0.408, 0.405);
        assertSays(
                say("skips", "noisyAnswer"),
                "With noise, skip connections act in the same direction as without it: the test error is lower by");
        setTestLosses(SKIP_NOISY, 0.09, 0.091, 0.09);
        assertSays(say("skips", "noisyAnswer"), "On noisy images,", "the test error is higher by a factor of 2.0");
        assertSays(say("skips", "noisyReconstructions"), "pass on noise");
        setTestLosses(SKIP_NOISY, 0.09, 0.02, 0.045);
        assertSays(say("skips", "noisyAnswer"), "the test error is not shown to differ (row\u00a07)");
        assertEquals("", say("skips", "noisyReconstructions"));
    }

    private static Ablations.Ablated ablated(String name, int width, double... losses) {
        List<Ablations.Result> seeds = new ArrayList<>();
        for (double loss : losses) seeds.add(new Ablations.Result(seeds.size() + 1, loss, loss, loss, 0.5));
        return new Ablations.Ablated(name, width, false, false, seeds);
    }

    @Test
    void retrainedNetworksAreComparedWhereThereAreAny() {
        assertEquals(Map.of("found", false), VariantValues.ablations(Optional.empty(), (figure, caption) -> caption));
        JsonObject options = JsonParser.parseString("{\"epochs\": 10, \"lr\": 0.001, \"batchSize\": 128}")
                .getAsJsonObject();
        Map<String, Object> values = VariantValues.ablations(
                Optional.of(new Ablations.Results(
                        options,
                        null,
                        null,
                        null,
                        List.of(
                                ablated("width-2", 2, 0.04, 0.041, 0.042),
                                ablated("width-4", 4, 0.02, 0.0205, 0.021),
                                ablated("width-8", 8, 0.01, 0.04, 0.02),
                                new Ablations.Ablated(
                                        "skip-pool1",
                                        2,
                                        true,
                                        false,
                                        ablated("", 2, 0.002, 0.002, 0.002).seeds()),
                                new Ablations.Ablated(
                                        "skip-pool2",
                                        2,
                                        false,
                                        true,
                                        ablated("", 2, 0.01, 0.01, 0.01).seeds()),
                                new Ablations.Ablated(
                                        "skip-both",
                                        2,
                                        true,
                                        true,
                                        ablated("", 2, 0.002, 0.001, 0.003).seeds())))),
                (figure, caption) -> caption);
        assertSays(
                values.get("width").toString(),
                "Widening the code lowers the test error by a factor of 2.0 from 2 to 4 numbers (95 % interval 2.0 to 2.0), but is not shown to change it from 4 to 8 (× ");
        assertSays(
                values.get("connections").toString(),
                "One connection alone lowers the error by a factor of 20 if it is from pool1 (95 % interval 19 to 22) and by a factor of 4.1 if it is from pool2 (95 %",
                "The error with pool1 alone is lower by a factor of 5.0 than that with pool2 alone (95 % interval 5.0 to 5.0)");
        assertSays(
                values.get("circumstances").toString(),
                "for 10 epochs with a learning rate of 0.001, batches of 128 and 3 seeds each.");
        assertSays(
                values.get("widths").toString(),
                "over 3 seeds",
                "With 8 numbers instead of 2: a difference is not shown (× ");
    }

    @Test
    void confusionsAreCountedAndCalledWhatTheyAre() throws IOException {
        set("mnist_cnn", "metrics/confusion", "[[90, 10], [1, 99]]");
        assertSays(
                say("cnn", "comment"),
                "is of 0s taken for 1s, 10 times; if all 2 confusions were alike, each would happen 5.5 times.",
                "0→1 is shown to happen more often than its reverse", // p = 24 of 2048
                " It concerns one 0 in 10.",
                "Errors gather in 1 (10 other images are taken for it, 1 of its own for others; p = 0.023 after Bonferroni for 2 digits)",
                "of one training");
        assertEquals("0 (90.0 %) and 1 (99.0 %)", say("cnn", "worst"));
        set("mnist_cnn", "metrics/confusion", "[[995, 5], [4, 996]]");
        assertSays(
                say("cnn", "comment"),
                "None of those in the table is shown to",
                "No digit is shown to receive more",
                "Yet even this one concerns only one 0 in 200.");
        set("mnist_cnn", "metrics/confusion", "[[90, 0], [0, 99]]");
        assertEquals("false", say("cnn", "confused"));
    }

    @Test
    void confusionsOfSeveralSeedsAreComparedSeedBySeed() {
        // 0→1 less 1→0 is 7, 8, 9: mean 8, deviation 1, and p = 1 - t/√(2 + t²) = 0.0052 with t = 8√3; the one pair of
        // digits
        List<long[][]> often = List.of(
                new long[][] {{92, 8}, {1, 99}}, new long[][] {{90, 10}, {2, 98}}, new long[][] {{90, 10}, {1, 99}});
        assertSays(
                new ConfusionValues(often).comment(),
                "0→1 is shown to happen more often than its reverse",
                "in 3 of 3");
        assertEquals("0.005", new ConfusionValues(often).rows().get(0).get("probability"));
        // 1, 8, 15: mean 8, deviation 7, p = 0.19
        List<long[][]> rarely = List.of(
                new long[][] {{98, 2}, {1, 99}}, new long[][] {{90, 10}, {2, 98}}, new long[][] {{84, 16}, {1, 99}});
        assertSays(new ConfusionValues(rarely).comment(), "None of those in the table is shown to");
    }

    @Test
    void fourAndNineAreMentionedOnlyWhereTheyAreRarelyConfused() {
        long[][] counts = new long[10][10];
        for (int i = 0; i < 10; i++) counts[i][i] = 90;
        for (int i = 0; i < 5; i++) counts[i][9 - i] = 10;
        counts[4][9] = 3;
        assertSays(
                new ConfusionValues(List.<long[][]>of(counts)).comment(),
                "not among the most frequent: 4→9 happens 3 times, 9→4 0",
                "In both directions together, the most confused are 0 and 9 (10), 1 and 8 (10) and 2 and 7 (10).");
        counts[4][9] = 30;
        String frequent = new ConfusionValues(List.<long[][]>of(counts)).comment();
        assertFalse(frequent.contains("not among"), frequent);
    }

    @Test
    void aConfusionThatOneSeedTurnsAroundIsNotOneSided() {
        long[][] most = {{80, 20}, {0, 100}};
        long[][] least = {{99, 1}, {2, 98}};
        assertSays(
                new ConfusionValues(List.of(most, most)).comment(),
                "in the mean over the seeds, is of 0s taken for 1s, 20.0 ± 0.0 times;",
                "one 0 in 5, and comes first in 2 of 2 seeds.",
                "In the matrix shown the most frequent confusions are 0→1 (20: –)",
                "0→1 is shown to happen more often");
        assertSays(
                new ConfusionValues(List.of(most, most, least)).comment(),
                "and comes first in 2 of 3 seeds.",
                "None of those in the table");
    }

    @Test
    void filtersAreCitedByWhatTheyRespondTo() throws IOException {
        assertSays(
                say("cnn", "edges"),
                "In 2 of the 40 filters the share is more than 25 %: these are called edge detectors",
                "The clearest of those shown, with the side of the edge that has the ink, are 1 (50 %, on the right), 2 (30 %, above).");
        for (int filter = 0; filter < 2; filter++) set("mnist_cnn", "metrics/edges/" + filter + "/share", 0.1);
        String none = say("cnn", "edges");
        assertFalse(none.contains("clearest"), none);
    }

    @Test
    void axesAreNamedByWhatTheyGoWith() throws IOException {
        String first = "metrics/axes/correlations/";
        set("mnist_ae", first + "0/first", 0.1);
        set("mnist_ae", first + "1/first", -0.71);
        set("mnist_ae", first + "2/first", 0.4);
        set("mnist_ae", first + "3/first", 0.2);
        for (int i = 0; i < 4; i++) set("mnist_ae", first + i + "/second", 0.29);
        assertSays(
                say("ae", "axes"),
                "the first coordinate correlates most strongly with the amount of ink (rank correlation −0.71)",
                "the second coordinate correlates with none of the measured features (at most rank correlation 0.29)");
        set("mnist_ae", first + "2/second", -0.5);
        assertSays(
                say("ae", "axes"),
                "the second coordinate correlates most strongly with the thickness of the strokes (rank correlation −0.50)");
        set("mnist_ae", first + "1/second", 0.6);
        assertSays(
                say("ae", "axes"),
                "both coordinates correlate most strongly with the amount of ink (rank correlations −0.71 and 0.60).");
    }

    @Test
    void whatThePlaceTellsWithinTheDigitsIsConcludedFromTheMean() throws IOException {
        String within = "metrics/axes/correlations/%d/explainedWithin";
        setSeeds("mnist_ae", within.formatted(0), 0.3, 0.5);
        setSeeds("mnist_ae", within.formatted(1), 0.5, 0.7);
        setSeeds("mnist_ae", within.formatted(2), 0.05, 0.13);
        setSeeds("mnist_ae", within.formatted(3), 0.1, 0.2);
        assertSays(
                say("ae", "axes"),
                "Within the digits the place in the plane tells most of the amount of ink and the slant, but hardly of the thickness of the strokes.");
        assertSays(say("ae", "features"), "aeWithin=0.60 ± 0.14", "name=the amount of ink");
    }

    @Test
    void aDigitInTwoGroupsIsDescribedWithItsSeeds() throws IOException {
        assertEquals("", say("ae", "groups"));
        set(
                "mnist_ae",
                "metrics/axes/groups",
                "{\"digit\": 2, \"smaller\": 0.35, \"separation\": 4.6, \"loops\": [0.07, 0.63]}");
        setTestLosses("mnist_ae", 0.04, 0.04);
        assertEquals(
                "One digit is written in several ways: in the plane shown the images of 2 lie in two groups, of 35 % and 65 % of them. In one of them 63 % of the images have a closed loop, in the other 7 %: two ways to write the digit, which the labels do not tell apart, lie apart. It is so split in 2 of 2 seeds.",
                say("ae", "groups"));
        set("mnist_ae", "replicates/0/metrics/axes/groups/digit", 3);
        set("mnist_ae", "metrics/axes/groups/loops", "[0.5, 0.63]");
        assertEquals(
                "In the plane shown the images of 2 lie in two groups, of 35 % and 65 % of them. It is so split in 1 of 2 seeds.",
                say("ae", "groups"));
    }

    @Test
    void theSettingsOfTheProvidedCodeAreSaidToBeThoseOnlyWhereTheyAre() throws IOException {
        assertSays(say("cnn", "run"), "batches of 64, as in the provided code.");
        set("mnist_cnn", "options/momentum", 0.9);
        assertFalse(say("cnn", "run").contains("provided"), say("cnn", "run"));
    }

    @Test
    void reconstructionsOfAnotherDigitAreCounted() {
        assertEquals(
                "Of the reconstructions of skip 8.0 % are recognized as another digit, of those of plain 45.0 %, and of the originals 7.0 % (\\ref{shown}).",
                reportValues().values((file, caption) -> file, SHOWN).get("looks"));
    }

    @Test
    void theInputIsSaidToBeCloserWhereItIs() throws IOException {
        double[] errors = {0.047, 0.0475, 0.048, 0.049, 0.05, 0.052}; // at σ = 0, 0.1, 0.2, 0.3, 0.4 and √0.3
        for (int i = 0; i < errors.length; i++)
            for (String model : List.of(PLAIN, NOISY))
                set(model, "metrics/measurements/noise/" + i + "/testLoss", errors[i]);
        assertEquals(
                "The error of noisy hardly depends on σ (0.0470 to 0.0520 on average). Up to σ = 0.2 the input itself is on average closer to the clean image than the reconstructions of either network without skip connections.",
                say("noise", "levels").strip());
        set(PLAIN, "metrics/measurements/noise/2/testLoss", 0.03);
        set(NOISY, "metrics/measurements/noise/5/testLoss", 0.09);
        assertSays(say("noise", "levels"), "Up to σ = 0.1 the input itself");
        assertFalse(say("noise", "levels").contains("hardly"), say("noise", "levels"));
    }

    @Test
    void aSeedThatIsNotTypicalIsWarnedOf() throws IOException {
        for (String model : List.of(PLAIN, NOISY, SKIP, SKIP_NOISY)) setTestLosses(model, 1, 1, 1, 1, 1);
        setNeighbours(PLAIN, 0.65, 0.60, 0.60, 0.60, 0.60);
        setNeighbours(NOISY, 0.45, 0.61, 0.59, 0.60, 0.61);
        assertSays( // the interval of −20, 1, −1, 0 and 1 points is −15.1 to 7.5
                say("noise", "embeddings"),
                "The difference of −20.0 points between noisy and plain of seed 1, which the figures show, is not typical of the seeds.");
        setNeighbours(NOISY, 0.65, 0.61, 0.59, 0.60, 0.61);
        assertFalse(say("noise", "embeddings").contains("typical"), say("noise", "embeddings"));
    }

    @Test
    void noiseIsSaidToCostMoreWhereSeedsShowIt() throws IOException {
        giveAllThreeSeeds();
        for (String loss : List.of("epochs/last/trainLoss", "metrics/testLoss")) {
            setSeeds(PLAIN, loss, 0.045, 0.0451, 0.0452);
            setSeeds(NOISY, loss, 0.045, 0.0452, 0.0451);
            setSeeds(SKIP, loss, 0.002, 0.00201, 0.002);
            setSeeds(SKIP_NOISY, loss, 0.008, 0.008, 0.00801);
        }
        assertSays(
                say("noise", "costs"),
                "raises the training loss of the last epoch by a factor of 4.0 with skip connections (row\u00a018)",
                "raises the test error by a factor that is 4.0 times as large as without them (row\u00a016), and the training loss by one that is 4.0 times as large (row\u00a019).");
        setSeeds(SKIP_NOISY, "epochs/last/trainLoss", 0.002, 0.00201, 0.002);
        assertFalse(say("noise", "costs").contains("times as large"), say("noise", "costs"));
    }

    @Test
    void outliersAreBlamedForASilhouetteOnlyWhereRanksSayItToo() throws IOException {
        giveAllThreeSeeds();
        setNeighbours("mnist_ae", 0.75, 0.76, 0.755);
        setNeighbours(PLAIN, 0.62, 0.63, 0.61);
        setSeeds("mnist_ae", "metrics/embedding/silhouette", 0.01, 0.02, 0.01);
        setSeeds(PLAIN, "metrics/embedding/silhouette", 0.10, 0.11, 0.10);
        setSeeds("mnist_ae", "metrics/axes/rankSilhouette", 0.15, 0.16, 0.15);
        setSeeds(PLAIN, "metrics/measurements/axes/rankSilhouette", 0.1, 0.1, 0.1);
        assertSays(say("ae", "planes"), "points higher", "0.090 lower", "which a few far points stretch");
        setSeeds("mnist_ae", "metrics/axes/rankSilhouette", 0.05, 0.06, 0.05);
        assertSays(say("ae", "planes"), "outliers are not the reason");
        setNeighbours("mnist_ae", 0.4, 0.9, 0.6);
        String unclear = say("ae", "planes");
        assertSays(unclear, "The accuracy of the autoencoder of 5.4 is not shown to differ from that of plain (");
        assertFalse(unclear.contains("outliers are") || unclear.contains("stretch, and"), unclear);
    }

    @Test
    void theWorstImagesAreComparedWithTheMean() throws IOException {
        setTestLoss(SKIP, 0.002);
        String errors = "metrics/measurements/errors";
        set(
                SKIP,
                errors,
                "{\"median\": 0.0018, \"largest\": [{\"image\": 3, \"error\": 0.01}, {\"image\": 1, \"error\": 0.005}]}");
        List<String> captions = new ArrayList<>();
        reportValues().values((file, caption) -> captions.add(caption), SHOWN);
        assertTrue(
                captions.stream()
                        .anyMatch(
                                caption -> caption.contains("random ones (drawn with seed 0)")
                                        && caption.contains(
                                                "0.0050 to 0.0100 per pixel, 2.5 to 5.0 times the mean 0.0020 over all test images; the median is 0.0018")),
                captions.toString());
    }

    @Test
    void theLinearAutoencoderIsSaidToHaveArrivedOnlyWhereItHas() throws IOException {
        set("mnist_ae", "metrics/linear/angles", "[1, 4.9]");
        assertSays(say("linear", "comment"), "coincide");
        set("mnist_ae", "metrics/linear/angles", "[1, 30]");
        assertSays(say("linear", "comment"), "not converged");
    }

    @Test
    void theLinearAutoencoderIsDescribedOverTheSeeds() throws IOException {
        setSeeds("mnist_ae", "metrics/linear/testLoss", 0.0557, 0.0559, 0.0561);
        set("mnist_ae", "metrics/linear/angles", "[1, 2]");
        set("mnist_ae", "replicates/0/metrics/linear/angles", "[2, 4]");
        set("mnist_ae", "replicates/1/metrics/linear/angles", "[3, 6]");
        assertEquals("0.05590 ± 0.00020", say("linear", "ae"));
        assertEquals("2.0 ± 1.0", say("linear", "first"));
        assertEquals("4.0 ± 2.0", say("linear", "second"));
        assertEquals(" over 3 seeds", say("linear", "seeds"));
        assertSays(say("linear", "comment"), "not converged"); // in the last seed
    }

    @Test
    void thePlaneIsSaidToBeUniqueOnlyWhereTheEigenvaluesSayIt() throws IOException {
        set("mnist_ae", "metrics/linear/eigenvalues", "[5, 4, 3.2]");
        assertEquals(
                "\\(\\lambda_1 = 5.00\\), \\(\\lambda_2 = 4.00\\) and \\(\\lambda_3 = 3.20\\)",
                say("linear", "eigenvalues"));
        assertSays(say("linear", "unique"), " is 25 % above ", "is unique");
        set("mnist_ae", "metrics/linear/eigenvalues", "[5, 4, 4]");
        assertSays(say("linear", "unique"), "not above", "is not unique");
    }

    @Test
    void runsThatCannotBeComparedAreRefused() throws IOException {
        reportValues().requireComparable();
        set(NOISY, "options/noise", 0.5);
        assertSays(
                assertThrows(LibTorchException.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist-cae-skip-noisy was trained with other options",
                "make prob6");
        set(SKIP_NOISY, "options/noise", 0.5);
        reportValues().requireComparable();
        set(SKIP, "options/epochs", 3);
        assertSays(
                assertThrows(LibTorchException.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist-cae-skip was trained with other options");
        set("mnist_ae", "dataset/sha256", "\"0\"");
        assertSays(
                assertThrows(LibTorchException.class, () -> reportValues().requireComparable())
                        .getMessage(),
                "mnist_ae and mnist_cnn were trained on different data");
    }

    @Test
    void aRecordWithoutAMetricIsRefused() throws IOException {
        set(PLAIN, "metrics", "{\"testLoss\": 1}");
        assertSays(
                assertThrows(LibTorchException.class, this::reportValues).getMessage(),
                "mnist_cae.json lack inputLoss");
    }

    @Test
    void aRecordOfBeforeSomethingWasMeasuredIsRefused() throws IOException {
        set(NOISY, "metrics/measurements/axes/correlations", "[]");
        assertSays(
                assertThrows(LibTorchException.class, this::reportValues).getMessage(),
                "mnist_cae_noisy.json lack the correlations with slant");
        set(NOISY, "metrics/measurements/axes", "{\"correlations\": [], \"rankSilhouette\": 0}");
        assertSays(
                assertThrows(LibTorchException.class, this::reportValues).getMessage(),
                "mnist_cae_noisy.json lack measurements.axes.rankNeighbourAccuracy");
        set(
                "mnist_ae",
                "metrics/linear",
                "{\"epochs\": 20, \"lr\": 1, \"testLoss\": 1, \"pcaTestLoss\": 1, \"angles\": []}");
        assertSays(
                assertThrows(LibTorchException.class, this::reportValues).getMessage(),
                "mnist_ae.json lack linear.eigenvalues");
    }

    @Test
    void noiseThatIsFoundAgainInAReconstructionIsMeasured() throws IOException {
        setSeeds(SKIP_NOISY, "metrics/testLoss", 0.01, 0.01);
        setSeeds(SKIP_NOISY, "metrics/inputLoss", 0.09, 0.09);
        setSeeds(SKIP_NOISY, "metrics/measurements/lossToInput", 0.082, 0.0784); // 0.1 less twice the covariance
        assertSays(say("noise", "corrupted"), " and 11.00 ± 1.41 % for skip-noisy");
    }

    @Test
    void theTableOfNoiseGoesOnFromThatOfSkipConnections() throws IOException {
        List<?> first = (List<?>) ((Map<?, ?>)
                        reportValues().values((file, caption) -> file, SHOWN).get("skips"))
                .get("rows");
        assertEquals(11, first.size());
        assertEquals("11", say("noise", "before"));
        assertTrue(row("noise", 12).startsWith("12: × "), row("noise", 12));
        for (String sentence : List.of("denoised", "costs", "tested", "filters", "embeddings"))
            assertSays(say("noise", sentence), "(row\u00a0");
    }

    @Test
    void captionsSayOfWhichSeedAPictureIsAndOfHowManyACurve() throws IOException {
        setSeeds("mnist_ae", "metrics/testLoss", 0.04, 0.05);
        List<String> captions = new ArrayList<>();
        reportValues()
                .values(
                        (file, caption) -> {
                            captions.add(file + ": " + caption);
                            return file;
                        },
                        SHOWN);
        assertTrue(
                captions.stream()
                        .anyMatch(
                                caption -> caption.startsWith(
                                        "prob5-embedding.png: Embedding of test images by the autoencoder (seed 1); its 10-NN accuracy is 75.1 %, that of all seeds 75.1 ± 0.0 %. <span class=\"print\">Each digit's number stands at the median")),
                captions.toString());
        assertTrue(
                captions.contains(
                        "prob5-loss.png: Losses of the autoencoder in training and on the test images; means over 2 seeds, in bands from the smallest to the largest. The test loss is lowest after the last epoch in 2 of 2 trainings."),
                captions.toString());
        assertTrue(
                captions.contains(
                        "prob4-loss.png: Losses of the classifier in training and on the test images. The test loss is lowest after the last epoch."),
                captions.toString());
    }
}
