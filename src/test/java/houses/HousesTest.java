package houses;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import libtorch.export.Model;
import libtorch.export.Safetensors;
import libtorch.nn.Activation;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the example in examples/houses does. */
class HousesTest implements UsesLibTorch {
    private static final Path PAGE = Path.of("docs/YOUR-OWN.md");

    @TempDir
    private static Path folder;

    private static Path csv;
    private static Path model; // trained for the default number of epochs
    private static double error; // its test error in kW

    @BeforeAll
    static void trainOnce() throws IOException {
        csv = folder.resolve("houses.csv");
        SyntheticHouses.main(new String[] {csv.toString()});
        error = Train.train(csv, folder.resolve("saved"), 60);
        model = folder.resolve("saved/heating_load.pt2");
    }

    private static Houses houses() throws IOException {
        return Houses.load(csv);
    }

    private static Tensor inputs(int n) throws IOException {
        return houses().test()
                .batch(torch.arange(new Scalar(n)), Generators.seeded(1, new Device("cpu")))
                .inputs();
    }

    private static HeatingLoad load(Path saved) {
        HeatingLoad network = new HeatingLoad(torch.zeros(Houses.FEATURES), torch.ones(Houses.FEATURES));
        Safetensors.load(saved.resolve("heating_load.safetensors"), network);
        network.eval();
        return network;
    }

    @Test
    void theTestLossComesCloseToTheNoiseOfTheData() {
        double loss = error * error;
        // On these test houses the formula without its noise has a mean squared error of 0.0412 kW², linear regression
        // one of 0.723, and the mean of the training houses one of 10.57 (NumPy).
        assertTrue(loss > 0.0412 && loss < 0.15, "test loss " + loss);
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
    void everyFilePredictsTheSameBitsAndHoldsTheScaling() throws IOException {
        Tensor inputs = inputs(200);
        Tensor expected = load(model.getParent()).forward(inputs);
        for (String file : List.of("heating_load.pt", "heating_load.pt2")) {
            try (Model saved = Model.open(model.resolveSibling(file))) {
                assertTrue(torch.equal(expected, saved.call("forward", inputs)), file);
            }
        }
        assertTrue(torch.equal(houses().mean(), load(model.getParent()).state().get("mean")));
        assertTrue(torch.equal(houses().std(), load(model.getParent()).state().get("std")));
    }

    @Test
    void theScalingIsThatOfTheTrainingHouses() throws IOException {
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
    void aResumedRunEndsWithTheSameBits() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        Train.train(csv, whole, 4);
        Train.train(csv, parts, 2);
        Tensor inputs = inputs(200);
        assertFalse(torch.equal(load(whole).forward(inputs), load(parts).forward(inputs)));
        Train.train(csv, parts, 4);
        assertTrue(torch.equal(load(whole).forward(inputs), load(parts).forward(inputs)));
    }

    @Test
    void whatIsWrongWithTheDataIsSaid() throws IOException {
        Path bad = folder.resolve("bad.csv");
        List<String> lines = Files.readAllLines(csv);
        lines.set(3, "1,2,3");
        Files.write(bad, lines);
        assertEquals(
                bad + ", line 4 has 3 numbers, not 9",
                assertThrows(IllegalArgumentException.class, () -> Houses.load(bad))
                        .getMessage());
        lines.set(3, "");
        Files.write(bad, lines);
        assertEquals(
                999, Houses.load(bad).train().size() + Houses.load(bad).test().size(), "a blank line is no house");
    }

    @Test
    void threadsGetTheSameBitsAsOneCallAndLeaveNothingNative() throws IOException {
        float[][] rows = Tensors.rows(inputs(200));
        float[] expected = new float[rows.length];
        HeatingLoad network = load(model.getParent());
        for (int i = 0; i < rows.length; i++) {
            try (PointerScope scope = new PointerScope()) {
                Activation house = Activation.of(Tensors.of(rows[i], 1, Houses.FEATURES));
                expected[i] = network.forward(house).tensor().item_float();
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
    void aPredictorOutlivesTheScopeItWasMadeInAndFreesTheModelWhenClosed() throws IOException {
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
    void thePagesPythonPredictsWhatJavaPredicts() throws Exception {
        Path script =
                Files.writeString(folder.resolve("predict.py"), blocks("python").get(0));
        Process python = new ProcessBuilder(python(), "-W", "ignore", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(python.waitFor(5, TimeUnit.MINUTES));
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
        try (Stream<Path> files = Stream.of("src", "examples").map(Path::of).flatMap(HousesTest::walk)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .map(HousesTest::read)
                    .map(HousesTest::withoutIndentation)
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

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
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
