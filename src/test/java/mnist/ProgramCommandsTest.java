package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import libtorch.Tensors;
import libtorch.export.Model;
import libtorch.export.Program;
import libtorch.export.Safetensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands run and train. */
class ProgramCommandsTest implements UsesLibTorch {
    private static final Path CNN = Path.of("saved/mnist_cnn.pt2");
    private static final Path SKIP = Path.of("saved/mnist-cae-skip.pt");

    @TempDir
    Path folder;

    private static CommandLineRun run(Object... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertEquals(0, run.status(), run.err());
        return run;
    }

    private CommandLineRun train(Object... options) {
        return CommandLineRun.of("train", CNN, "--threads", "1", "--saved-dir", folder.resolve("out"), words(options));
    }

    private static String[] words(Object... options) {
        return List.of(options).stream().map(Object::toString).toArray(String[]::new);
    }

    private Path save(String name, Map<String, Tensor> tensors) {
        Path file = folder.resolve(name);
        Safetensors.save(file, tensors, Map.of());
        return file;
    }

    @Test
    void runDescribesAModelWhereItIsGivenNoInputs() {
        String described = run("run", CNN).out();
        assertTrue(described.contains("forward"), described);
        assertTrue(described.contains("input   x: Float ["), described);
        assertTrue(described.contains(", 1, 28, 28]"), described);
        assertTrue(described.matches("(?s).*calls .*\\bconv2d\\.default.*"), described);
        String script = run("run", SKIP).out();
        assertTrue(script.contains("decode\n  input   z: Tensor\n  input   pool1: Tensor\n"), script);
        assertTrue(
                script.contains("features\n  input   x: Tensor\n  output  0: Tensor\n  output  1: Tensor\n"), script);
        assertTrue(script.contains("16,859 numbers in its weights"), script);
        for (String suffix : List.of("safetensors", "pth")) {
            String weights = run("run", Path.of("saved/mnist_cnn." + suffix)).out();
            assertTrue(weights.contains("  conv1.weight: Float [40, 1, 5, 5]\n"), weights);
        }
    }

    @Test
    void runCallsAMethodWithTensorsFromAFileAndWritesItsResults() {
        Path outputs = folder.resolve("out.safetensors");
        try (PointerScope scope = new PointerScope();
                Model cnn = Model.open(CNN);
                Model skip = Model.open(SKIP)) {
            Tensor x = torch.rand(3, 1, 28, 28);
            String name = cnn.inputs("forward").get(0).name();
            for (String key : List.of("0", name)) {
                Path inputs = save("in.safetensors", Map.of(key, x));
                String out = run("run", CNN, "--inputs", inputs, "--outputs", outputs, "--repeat", "3")
                        .out();
                assertTrue(
                        out.matches(
                                "(?s)0: Float \\[3, 10](  -?\\S+)( -?\\S+){4} ..., mean -?\\S+\\n\\d+\\.\\d+ ms\\n"),
                        out);
                Map<String, Tensor> written = Safetensors.read(outputs);
                assertEquals(1, written.size());
                assertTrue(torch.equal(cnn.call("forward", x), written.get("0")));
            }
            run(
                    "run",
                    SKIP,
                    "--method",
                    "features",
                    "--inputs",
                    save("x.safetensors", Map.of("0", x)),
                    "--outputs",
                    outputs);
            List<Tensor> expected = skip.call("features", List.of(x));
            Map<String, Tensor> features = Safetensors.read(outputs);
            assertEquals(3, features.size());
            for (int i = 0; i < 3; i++) assertTrue(torch.equal(expected.get(i), features.get("" + i)));
        }
    }

    @Test
    void runSaysInOneLineWhatDoesNotFit() {
        try (PointerScope scope = new PointerScope()) {
            Path x = save("x.safetensors", Map.of("x1", torch.rand(3, 1, 28, 28)));
            Path wide = save("wide.safetensors", Map.of("0", torch.rand(3, 1, 28, 29)));
            assertOneLine("the model needs an input x, beside [x1]", "run", CNN, "--inputs", x);
            assertOneLine("is of sizes [3, 1, 28, 29], not [", "run", CNN, "--inputs", wide);
            assertOneLine("has no method encode", "run", CNN, "--inputs", wide, "--method", "encode");
            assertOneLine("holds weights without a network", "run", Path.of("saved/mnist_cnn.pth"), "--inputs", x);
            assertOneLine("there is no file", "run", folder.resolve("none.pt2"));
        }
        assertEquals(2, CommandLineRun.of("run", CNN, "--repeat", "3").status());
    }

    private static void assertOneLine(String words, Object... command) {
        CommandLineRun run = CommandLineRun.of(command);
        assertEquals(1, run.status(), run.err());
        assertTrue(run.err().startsWith("error: ") && run.err().contains(words), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @Test
    void trainingOnMnistSavesAllFormatsAndResumesToTheBit() throws IOException {
        String[] data = {"--data-dir", SAMPLE.toString(), "--unverified-data", "--train-size", "200"};
        String[] options = {"--optimizer", "sgd", "--momentum", "0.9", "--lr", "0.01", "--batch-size", "48"};
        CommandLineRun whole = train(join(data, options, "--epochs", "2"));
        assertEquals(0, whole.status(), whole.err());
        assertTrue(whole.out().contains("epoch  2/2"), whole.out());
        assertEquals(
                List.of("mnist_cnn.json", "mnist_cnn.pt2", "mnist_cnn.pth", "mnist_cnn.safetensors"),
                CommandLineRun.names(folder.resolve("out")));
        JsonObject record = JsonParser.parseString(Files.readString(folder.resolve("out/mnist_cnn.json")))
                .getAsJsonObject();
        assertEquals(2, record.getAsJsonArray("epochs").size());
        assertEquals("sgd", record.getAsJsonObject("options").get("optimizer").getAsString());
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> expected = Safetensors.read(folder.resolve("out/mnist_cnn.safetensors"));
            assertEquals(0, train(join(data, options, "--epochs", "1")).status());
            assertEquals(
                    0, train(join(data, options, "--epochs", "2", "--resume")).status());
            Map<String, Tensor> resumed = Safetensors.read(folder.resolve("out/mnist_cnn.safetensors"));
            expected.forEach((name, tensor) -> assertTrue(torch.equal(tensor, resumed.get(name)), name));
            Program saved = Program.open(folder.resolve("out/mnist_cnn.pt2"), new Device("cpu"));
            saved.state().forEach((name, tensor) -> assertTrue(torch.equal(tensor, resumed.get(name)), name));
            assertEquals(
                    record.get("model"),
                    JsonParser.parseString(saved.description().record())
                            .getAsJsonObject()
                            .get("model"));
        }
    }

    private static Object[] join(String[] data, String[] options, String... more) {
        return java.util.stream.Stream.of(data, options, more)
                .flatMap(java.util.Arrays::stream)
                .toArray();
    }

    @Test
    void trainingOnTensorsFromAFileLowersItsLoss() throws IOException {
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(4);
            Tensor x = torch.rand(30, 1, 28, 28);
            long[] classes = new long[30];
            for (int i = 0; i < 30; i++) classes[i] = i % 10;
            Tensor y = Tensors.of(classes, 30).to(ScalarType.Int);
            Path file =
                    save("data.safetensors", Map.of("inputs", x, "targets", y, "test_inputs", x, "test_targets", y));
            CommandLineRun run = train("--data", file, "--loss", "nll", "--lr", "1e-4", "--batch-size", "7");
            assertEquals(0, run.status(), run.err());
            double[] losses = JsonParser.parseString(Files.readString(folder.resolve("out/mnist_cnn.json")))
                    .getAsJsonObject()
                    .getAsJsonArray("epochs")
                    .asList()
                    .stream()
                    .mapToDouble(e -> e.getAsJsonObject().get("testLoss").getAsDouble())
                    .toArray();
            assertEquals(5, losses.length);
            assertTrue(losses[4] < 0.9 * losses[0], java.util.Arrays.toString(losses));
        }
    }

    @Test
    void trainSaysInOneLineWhatDoesNotFit() {
        Path out = folder.resolve("out");
        try (PointerScope scope = new PointerScope()) {
            Path inputs = save("a.safetensors", Map.of("inputs", torch.rand(3, 1, 28, 28)));
            Path unequal =
                    save("b.safetensors", Map.of("inputs", torch.rand(3, 1, 28, 28), "targets", torch.rand(2, 10)));
            Path wide = save("c.safetensors", Map.of("inputs", torch.rand(3, 29), "targets", torch.rand(3, 10)));
            assertOneLine("has no tensor targets", "train", CNN, "--saved-dir", out, "--data", inputs);
            assertOneLine("targets of [2, 10]", "train", CNN, "--saved-dir", out, "--data", unequal);
            assertOneLine("is of sizes [1, 29], not [", "train", CNN, "--saved-dir", out, "--data", wide);
            assertOneLine("no parameter is called x.*", "train", CNN, "--saved-dir", out, "--freeze", "x.*");
            assertOneLine("would replace", "train", CNN, "--saved-dir", "saved", "--data", wide);
        }
        assertEquals(2, train("--optimizer", "adam", "--momentum", "0.9").status());
        assertFalse(Files.exists(out.resolve("mnist_cnn.pt2")));
    }
}
