package mnist.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import libtorch.Tensors;
import libtorch.data.Generators;
import libtorch.export.Safetensors;
import libtorch.export.TorchScript;
import mnist.CommandLineRun;
import mnist.ProcessRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleTest implements UsesLibTorch {
    private static final Path PAGE = Path.of("docs/YOUR-OWN.md");

    @TempDir
    private static Path folder;

    private static Path csv;
    private static Path model; // trained for the default number of epochs

    @BeforeAll
    static void trainOnce() {
        csv = folder.resolve("houses.csv");
        assertEquals(0, CommandLineRun.ofProgram(new Example(), "generate", csv).status());
        CommandLineRun run = train(folder.resolve("saved/houses"));
        assertEquals(0, run.status(), run.err());
        model = folder.resolve("saved/houses/heating_load.pt");
    }

    private static CommandLineRun train(Path saved, String... options) {
        return CommandLineRun.ofProgram(
                new Example(), "train", "--data", csv, "--saved-dir", saved, "--threads", "1", options);
    }

    private static Houses houses() {
        return Houses.load(csv, new Device("cpu"), torch.ScalarType.Float);
    }

    private static Tensor inputs(int n) {
        return houses().test()
                .batch(torch.arange(new org.bytedeco.pytorch.Scalar(n)), Generators.seeded(1, new Device("cpu")))
                .inputs();
    }

    private static HeatingLoad load(Path saved) {
        HeatingLoad network = new HeatingLoad();
        Safetensors.load(saved.resolve("heating_load.safetensors"), network);
        network.eval();
        return network;
    }

    @Test
    void theTestLossComesCloseToTheNoiseOfTheData() throws IOException {
        JsonObject record = JsonParser.parseString(Files.readString(model.resolveSibling("heating_load.json")))
                .getAsJsonObject();
        double loss = Math.pow(
                record.getAsJsonObject("metrics").get("rootMeanSquaredError").getAsDouble(), 2);
        // On these test houses the formula without its noise has a mean squared error of 0.0412 kW², linear regression
        // one of 0.723, and the mean of the training houses one of 10.57 (NumPy).
        assertTrue(loss > 0.0412 && loss < 0.15, "test loss " + loss);
        assertEquals("houses.csv", record.getAsJsonObject("dataset").get("name").getAsString());
    }

    @Test
    void theFileOfTheSameSeedIsTheSameAndOfAnotherAnother() throws IOException {
        Path again = folder.resolve("again.csv");
        SyntheticHouses.write(again, 1000, 1);
        assertEquals(-1, Files.mismatch(csv, again));
        SyntheticHouses.write(again, 1000, 2);
        assertNotEquals(-1, Files.mismatch(csv, again));
    }

    @Test
    void bothFilesPredictTheSameBitsAndHoldTheScaling() {
        Tensor inputs = inputs(200);
        Tensor expected = load(model.getParent()).forward(inputs);
        Tensor actual = TorchScript.load(model, new Device("cpu")).call("forward", inputs);
        assertTrue(torch.equal(expected, actual));
        assertTrue(torch.equal(houses().mean(), load(model.getParent()).state().get("mean")));
        assertTrue(torch.equal(houses().std(), load(model.getParent()).state().get("std")));
    }

    @Test
    void theScalingIsThatOfTheTrainingHouses() {
        Houses houses = houses();
        assertEquals(800, houses.train().size());
        assertEquals(200, houses.test().size());
        // of the 800 lines that are not the 5th, 10th, ... (NumPy): floor area and outdoor temperature
        float[] mean = Tensors.floats(houses.mean());
        float[] std = Tensors.floats(houses.std());
        assertEquals(131.05800, mean[0], 1e-3);
        assertEquals(-2.08862, mean[7], 1e-4);
        assertEquals(40.31148, std[0], 1e-3);
        assertEquals(7.30658, std[7], 1e-4);
    }

    @Test
    void aResumedRunEndsWithTheSameBits() {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        train(whole, "--epochs", "4");
        train(parts, "--epochs", "2");
        Tensor inputs = inputs(200);
        assertFalse(torch.equal(load(whole).forward(inputs), load(parts).forward(inputs)));
        CommandLineRun resumed = train(parts, "--epochs", "4", "--resume");
        assertTrue(resumed.out().contains("resuming after epoch 2"), resumed.out());
        assertTrue(torch.equal(load(whole).forward(inputs), load(parts).forward(inputs)));
    }

    @Test
    void doublePrecisionIsSavedAsFloats() {
        CommandLineRun run = train(folder.resolve("double"), "--epochs", "1", "--double");
        assertEquals(0, run.status(), run.err());
    }

    @Test
    void theSummaryListsTheLayers() {
        CommandLineRun run = train(folder.resolve("none"), "--summary");
        assertTrue(run.out().contains("1,377 parameters"), run.out()); // 8·32+32 + 32·32+32 + 32+1
    }

    @Test
    void aRunRepeatsFromItsRecord() {
        Path first = folder.resolve("first");
        Path again = folder.resolve("repeated");
        train(first, "--epochs", "2", "--seed", "7");
        CommandLineRun repeated =
                train(again, "--from-record", first.resolve("heating_load.json").toString());
        assertEquals(0, repeated.status(), repeated.err());
        Tensor inputs = inputs(200);
        assertTrue(torch.equal(load(first).forward(inputs), load(again).forward(inputs)));
    }

    @Test
    void aFileThatCannotBeWrittenFailsTheRunAndIsNamed() throws IOException {
        Path saved = folder.resolve("unsaved");
        Files.createDirectories(saved.resolve("heating_load.pth/in the way"));
        CommandLineRun run = train(saved, "--epochs", "1");
        assertEquals(1, run.status());
        assertTrue(run.err().startsWith("error: cannot write " + saved.resolve("heating_load.pth")), run.err());
        assertTrue(Files.isRegularFile(saved.resolve("heating_load.pt")));
    }

    @Test
    void twoRanksTrainTogether() throws Exception {
        Path saved = folder.resolve("ranks");
        try (ProcessRun run = ProcessRun.ofProgram(
                Example.class,
                "train",
                "--data",
                csv.toString(),
                "--saved-dir",
                saved.toString(),
                "--epochs",
                "2",
                "--ranks",
                "2")) {
            assertEquals(0, run.status(), run.output());
        }
        Path alone = folder.resolve("alone");
        train(alone, "--epochs", "2");
        Tensor inputs = inputs(200);
        Tensor difference = load(saved).forward(inputs).sub(load(alone).forward(inputs));
        assertEquals(0, difference.abs().max().item_double(), 1e-3); // of some kW: sums in another order
    }

    @Test
    void aRunThatDrawsNothingHasNoOptionsForFigures() {
        CommandLineRun run = train(folder.resolve("none"), "--figures-dir", "figures");
        assertEquals(2, run.status());
        assertEquals("error: Unknown options: '--figures-dir', 'figures'; see example train --help\n", run.err());
    }

    @Test
    void whatIsWrongWithTheDataIsSaidInOneLine() throws IOException {
        Path bad = folder.resolve("bad.csv");
        List<String> lines = Files.readAllLines(csv);
        lines.set(3, "1,2,3");
        Files.write(bad, lines);
        CommandLineRun run = train(folder.resolve("none"), "--data", bad.toString());
        assertEquals(1, run.status());
        assertEquals("error: " + bad + ", line 4 is not 9 numbers, with commas between; correct the line\n", run.err());
        run = train(folder.resolve("none"), "--data", "missing.csv");
        assertEquals(1, run.status());
        assertEquals(
                "error: cannot read missing.csv (no such file or folder); name a CSV file with --data; the command"
                        + " generate writes one\n",
                run.err());
    }

    @Test
    void threadsGetTheSameBitsAsOneCallAndLeaveNothingNative() {
        float[][] rows = Tensors.rows(inputs(200));
        float[] expected = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            try (PointerScope scope = new PointerScope()) {
                expected[i] = TorchScript.load(model, new Device("cpu"))
                        .call("forward", Tensor.create(rows[i], 1, Houses.FEATURES))
                        .item_float();
            }
        }
        try (Predictor predictor = new Predictor(model, 4)) {
            assertArrayEquals(expected, predictAll(predictor, rows));
            long before = Pointer.totalCount();
            for (int i = 0; i < 10; i++) assertArrayEquals(expected, predictAll(predictor, rows));
            long left = Pointer.totalCount() - before;
            assertTrue(left <= 1, left + " objects are left after 2,000 calls");
        }
    }

    private static float[] predictAll(Predictor predictor, float[][] rows) {
        List<CompletableFuture<Float>> answers =
                Stream.of(rows).map(predictor::predict).toList();
        float[] values = new float[rows.length];
        IntStream.range(0, rows.length).forEach(i -> values[i] = answers.get(i).join());
        return values;
    }

    @Test
    void aPredictorOutlivesTheScopeItWasMadeInAndFreesTheModelWhenClosed() {
        float[] house = Tensors.rows(inputs(1))[0];
        new Predictor(model, 1).close();
        long before = Pointer.totalCount();
        Predictor predictor;
        try (PointerScope scope = new PointerScope()) {
            predictor = new Predictor(model, 1);
        }
        assertTrue(Float.isFinite(predictor.predict(house).join()));
        assertThrows(IllegalArgumentException.class, () -> predictor.predict(1, 2, 3));
        predictor.close();
        long left = Pointer.totalCount() - before;
        assertTrue(left <= 1, left + " objects are left");
    }

    @Test
    void theCommandLinePredicts() {
        String[] house = {"120", "24", "0.7", "1.8", "0.5", "0.9", "20", "0"};
        CommandLineRun run = CommandLineRun.ofProgram(new Example(), "predict", model, house);
        assertEquals(0, run.status(), run.err());
        // 85.54 m² of wall at 0.7, 24 at 1.8, 120 at 0.5, 0.33·0.9·300 of air: 252.2 W/K over 20 K are 5.04 kW
        double load = Double.parseDouble(run.out().replace(" kW\n", ""));
        assertEquals(5.04, load, 0.8);
    }

    @Test
    void thePagesPythonPredictsWhatJavaPredicts() throws Exception {
        Path script =
                Files.writeString(folder.resolve("predict.py"), blocks("python").get(0));
        Process python = new ProcessBuilder(python(), "-W", "ignore", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(python.waitFor(60, TimeUnit.SECONDS));
        try (Predictor predictor = new Predictor(model, 1)) {
            float expected =
                    predictor.predict(120, 24, 0.7f, 1.8f, 0.5f, 0.9f, 20, 0).join();
            assertEquals(expected, Float.parseFloat(printed), 1e-5 * expected, printed);
        }
    }

    /** Returns the first Python that has PyTorch. */
    private static String python() throws Exception {
        for (String python : List.of(System.getenv().getOrDefault("PYTHON", "python3"), "/usr/bin/python3")) {
            Process process = new ProcessBuilder(python, "-c", "import torch")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            if (process.waitFor() == 0) return python;
        }
        assumeTrue(false, "no Python has PyTorch");
        return null;
    }

    /** The page's Java is the example's, or another part of the sources: line by line, but for indentation. */
    @Test
    void everyJavaLineOfThePageIsInTheSources() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .map(ExampleTest::read)
                    .map(ExampleTest::withoutIndentation)
                    .collect(Collectors.joining("\n"));
        }
        List<String> blocks = blocks("java");
        assertTrue(blocks.size() >= 4);
        for (String block : blocks) {
            for (String part : block.split("(?m)^\\s*\\.\\.\\.\n")) { // three dots stand for what is left out
                assertTrue(sources.contains(withoutIndentation(part)), part);
            }
        }
    }

    private static List<String> blocks(String language) throws IOException {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String withoutIndentation(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
