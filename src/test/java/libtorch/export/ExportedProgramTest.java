package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.nn.Activation;
import libtorch.nn.AtenOperator;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.OperatorException;
import libtorch.nn.SavedNetwork;
import libtorch.nn.Tracer;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportedProgramTest implements UsesLibTorch {
    static final Device CPU = new Device("cpu").retainReference(); // whatever scope is open now

    @TempDir
    Path folder;

    /** A linear layer and batch norm; a second method has two arguments and two results. */
    private static final class Tiny extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);
        final BatchNorm1dImpl norm1 = register_module("norm1", new BatchNorm1dImpl(new BatchNormOptions(2)));

        Tiny() {
            super("Tiny");
            norm1.running_mean().fill_(new Scalar(0.25));
            eval();
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1).batchNorm(norm1).tanh();
        }

        @Override
        public List<NetworkMethod> methods(Activation x) {
            return List.of(
                    NetworkMethod.of("forward", "x", x, this::forward),
                    new NetworkMethod(
                            "both",
                            List.of("x", "y"),
                            List.of(x, x),
                            v -> List.of(v.get(0).add(v.get(1)), v.get(1).linear(linear1))));
        }
    }

    private static void save(Path file, Network network, Network verified) {
        SavedNetwork program = network.snapshot(Tracer.trace(network, 3));
        ExportWriter.save(
                file, program, Map.of("run.json", "{\"text\": \"×\"}"), new Verification(verified, torch.rand(5, 3)));
    }

    /** A network around a program, which by default adds 1 to what it computes. */
    private static class Around extends Network {
        final Program program;

        Around(Program program) {
            super("Around");
            this.program = block("program", program);
        }

        @Override
        public Activation forward(Activation x) {
            return program.forward(x).add(1);
        }
    }

    /** Calls a program of two inputs; an example has both, 2×3. */
    private static final class OfBoth extends Around {
        OfBoth(Program program) {
            super(program);
        }

        @Override
        public Activation forward(Activation x) {
            return program.call("both", x.select(1, 0), x.select(1, 1)).get(1);
        }
    }

    @Test
    void aProgramOfSeveralInputsIsTrainedInANetworkAroundIt() {
        Path file = folder.resolve("several.pt2");
        try (PointerScope scope = new PointerScope()) {
            Tiny tiny = new Tiny();
            save(file, tiny, tiny);
            Examples examples = Examples.of(torch.ones(8, 2, 3), torch.zeros(8, 2));
            Task<OfBoth> task = Task.of(
                            "several",
                            () -> new OfBoth(Program.open(file)),
                            Optimizers.sgd(0.25, 0, 0),
                            torch::mse_loss,
                            examples,
                            examples)
                    .withEpochs(1);
            Trainer<OfBoth> trainer = Trainer.of(task);
            trainer.fit();
            Program trained = trainer.network().program;
            assertFalse(trained.is_training());
            trained.save(file);
            // d(mean of 16 squares)/dw = 2/16 · 8 examples · (w·1 + b) · 1
            Tensor sums = tiny.linear1.weight().sum(1).add(tiny.linear1.bias());
            Tensor expected =
                    tiny.linear1.weight().sub(sums.mul(new Scalar(0.25)).view(2, 1));
            Tensor actual = Program.open(file).state().get("linear1.weight");
            assertTrue(torch.allclose(expected, actual, 1e-6, 1e-6, false));
        }
    }

    /** A program of one method, written by hand: N×2 in, with a weight, a bias and a counter. */
    static SavedNetwork program(List<Node> nodes, String... outputs) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put("weight", Tensor.create(new float[] {1, 2, 3, 4}, 2, 2));
        parameters.put("bias", Tensor.create(new float[] {-10, 20}, 2));
        Symbol x = new Symbol("x", ScalarType.Float, List.of(MethodGraph.BATCH, 2L));
        MethodGraph forward = new MethodGraph("forward", List.of(x), nodes, List.of(outputs), false);
        return new SavedNetwork("Hand", List.of(forward), parameters, Map.of("seen", Tensor.create(7L)));
    }

    static Node node(String operator, Map<String, Object> arguments, String result) {
        Symbol symbol = new Symbol(result, ScalarType.Float, List.of(MethodGraph.BATCH, 2L));
        return new Node(operator, arguments, List.of(symbol));
    }

    static final Node LINEAR = node(
            "linear",
            Map.of("input", new Ref("x"), "weight", new State("weight"), "bias", new State("bias")),
            "linear");
    static final Node RELU = node("relu", Map.of("self", new Ref("linear")), "relu");

    static Path write(Path folder, SavedNetwork program) throws IOException {
        Path file = folder.resolve("hand.pt2");
        ExportWriter.write(file, "hand", program, Map.of("run.json", "{}"));
        return file;
    }

    @Test
    void aProgramWrittenByHandComputesWhatWasWorkedOutByHand() throws IOException {
        Path file = write(folder, program(List.of(LINEAR, RELU), "relu", "linear"));
        LoadedModel model = Program.open(file, CPU);
        assertEquals(Set.of("forward"), model.description().methods().keySet());
        assertEquals("{}", model.description().record());
        for (int rows : new int[] {1, 3}) { // (1·1 + 2·2 − 10, 3·1 + 4·2 + 20)
            Tensor x = Tensor.create(new float[] {1, 2}, 1, 2).expand(rows, 2);
            List<Tensor> answer = model.call("forward", List.of(x));
            assertArrayEquals(new float[] {0, 31}, Tensors.rows(answer.get(0))[rows - 1]);
            assertArrayEquals(new float[] {-5, 31}, Tensors.rows(answer.get(1))[rows - 1]);
        }
    }

    @Test
    void aTracedNetworkIsSavedWithAllItsMethodsBuffersAndTexts() {
        Path file = folder.resolve("tiny.pt2");
        Tiny network = new Tiny();
        save(file, network, network);
        LoadedModel model = Program.open(file, CPU);
        assertEquals(Set.of("forward", "both"), model.description().methods().keySet());
        assertEquals("{\"text\": \"×\"}", model.description().record());
        Tensor x = torch.rand(4, 3);
        assertTrue(torch.equal(network.forward(x), model.call("forward", x)));
        List<Tensor> both = model.call("both", List.of(x, x));
        assertTrue(torch.equal(x.add(x), both.get(0)));
        assertTrue(torch.equal(network.linear1.forward(x), both.get(1)));
        assertArrayEquals(new String[] {"tiny.pt2"}, folder.toFile().list());
    }

    @Test
    void savingTwiceGivesTheSameBytes() throws IOException {
        Tiny network = new Tiny();
        save(folder.resolve("a.pt2"), network, network);
        byte[] first = Files.readAllBytes(folder.resolve("a.pt2"));
        save(folder.resolve("a.pt2"), network, network);
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("a.pt2")));
    }

    @Test
    void aFileThatAnswersDifferentlyThanTheNetworkIsRefusedAndTheOldFileStays() throws IOException {
        Path file = folder.resolve("tiny.pt2");
        Files.writeString(file, "old");
        IllegalStateException error =
                assertThrows(IllegalStateException.class, () -> save(file, new Tiny(), new Tiny()));
        assertTrue(error.getMessage().contains("forward answers differently"), error.getMessage());
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"tiny.pt2"}, folder.toFile().list());
    }

    @Test
    void whatTheFormatDoesNotTakeIsNamed() {
        Map<Node, String> wrong = Map.of(
                node("frobnicate", Map.of("self", new Ref("x")), "y"),
                        "there is no operator torch.ops.aten.frobnicate.default",
                node("relu", Map.of("size", 1L), "y"), "torch.ops.aten.relu.default has no argument size",
                node("relu", Map.of("self", Map.of()), "y"), "self is a ",
                node("from_file", Map.of("filename", 1L), "y"), "torch.ops.aten.from_file.default may not be called");
        wrong.forEach((node, words) -> {
            LibTorchException error =
                    assertThrows(LibTorchException.class, () -> write(folder, program(List.of(node), "y")));
            assertTrue(
                    error.getMessage().startsWith("Hand cannot be saved as .pt2: in forward, " + words),
                    error.getMessage());
        });
    }

    @Test
    void argumentsOfOtherTypesOrSizesAreRefused() throws IOException {
        LoadedModel model = Program.open(write(folder, program(List.of(LINEAR), "linear")), CPU);
        Map<List<Tensor>, String> wrong = new LinkedHashMap<>();
        wrong.put(List.of(), "it takes 1 tensors [x], not 0");
        wrong.put(List.of(torch.zeros(1, 3)), "x is of sizes [1, 3], not [s77, 2]");
        wrong.put(List.of(torch.zeros(0, 2)), "x is of sizes [0, 2], not [s77, 2]");
        wrong.put(List.of(torch.zeros(2)), "x is of sizes [2], not [s77, 2]");
        wrong.put(List.of(torch.zeros(1, 2).to(ScalarType.Double)), "x is of type Double, not Float");
        wrong.forEach((arguments, words) -> assertEquals(
                words,
                assertThrows(IllegalArgumentException.class, () -> model.call("forward", arguments))
                        .getMessage()));
        assertThrows(IllegalArgumentException.class, () -> model.call("decode", torch.zeros(1, 2)));
    }

    @Test
    void whatChangesWeightsOrArgumentsInPlaceChangesACopy() throws IOException {
        Node own = node("relu_", Map.of("self", new Ref("linear")), "y");
        Tensor x = Tensor.create(new float[] {1, -2}, 1, 2);
        LoadedModel model = Program.open(write(folder, program(List.of(LINEAR, own), "linear")), CPU);
        assertArrayEquals(new float[] {0, 15}, Tensors.floats(model.call("forward", x)));

        Node direct = node("neg_", Map.of("self", new Ref("x")), "y");
        LoadedModel negating = Program.open(write(folder, program(List.of(direct), "y", "x")), CPU);
        for (Tensor answer : negating.call("forward", List.of(x)))
            assertArrayEquals(new float[] {-1, 2}, Tensors.floats(answer));
        assertArrayEquals(new float[] {1, -2}, Tensors.floats(x));

        Node view = node("view", Map.of("self", new State("weight"), "size", List.of(-1L)), "v");
        Node change = node("neg_", Map.of("self", new Ref("v")), "y");
        LoadedModel viewing = Program.open(write(folder, program(List.of(view, change), "y")), CPU);
        for (int call = 0; call < 2; call++) // the second finds the weight as it was
        assertArrayEquals(new float[] {-1, -2, -3, -4}, Tensors.floats(viewing.call("forward", x)));
    }

    @Test
    void aProgramOfAFixedBatchIsCalledInPartsThatAreFilledUp() throws IOException {
        SavedNetwork free = program(List.of(LINEAR), "linear");
        MethodGraph four = new MethodGraph(
                "forward",
                List.of(new Symbol("x", ScalarType.Float, List.of(4L, 2L))),
                free.methods().get(0).nodes(),
                List.of("linear"),
                false);
        SavedNetwork fixed = new SavedNetwork("Hand", List.of(four), free.parameters(), free.buffers());
        Program program = Program.open(write(folder, fixed), CPU);
        for (long n : new long[] {1, 3, 4, 9}) {
            Tensor x = torch.arange(new Scalar(2 * n), new TensorOptions(ScalarType.Float))
                    .view(n, 2);
            Tensor expected = x.matmul(program.state().get("weight").t())
                    .add(program.state().get("bias"));
            assertTrue(torch.allclose(expected, program.forward(x)), n + " examples");
        }
        program.train(true);
        assertThrows(OperatorException.class, () -> program.forward(torch.zeros(3, 2)));
        Examples five = Examples.of(torch.zeros(5, 2), torch.zeros(5, 2));
        Task<Program> task = Task.of("five", () -> program, Optimizers.sgd(0.1, 0, 0), torch::mse_loss, five, five)
                .withBatchSize(4);
        assertEquals(
                "training failed at step 2 of epoch 1 (Program: x is of sizes [1, 2], not [4, 2])",
                assertThrows(LibTorchException.class, () -> Trainer.of(task).fit())
                        .what());
    }

    @Test
    void aNetworkAroundAProgramIsSavedWithIt() throws IOException {
        Node view = node("view", Map.of("self", new Ref("linear"), "size", List.of(-1L, 2L)), "view");
        Node ofLinear = node("relu_", Map.of("self", new Ref("linear")), "relu");
        Node ofView = node("relu_", Map.of("self", new Ref("view")), "relu");
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2).expand(3, 2); // (1·1 + 2·2 − 10, 3·1 + 4·2 + 20) is (−5, 31)
        Map<List<Node>, String> operators = Map.of(
                List.of(LINEAR, ofLinear), "relu", // in place of a change in place
                List.of(LINEAR, view, ofView), "relu_"); // which changes the result of linear too
        for (Map.Entry<List<Node>, String> nodes : operators.entrySet()) {
            Around around = new Around(Program.open(write(folder, program(nodes.getKey(), "linear"))));
            for (String suffix : List.of(".pt2", ".pt")) {
                Path file = folder.resolve("around" + suffix);
                Networks.save(around, x, file);
                try (Model model = Model.open(file)) {
                    assertArrayEquals(new float[] {1, 32}, Tensors.rows(model.call("forward", x))[2]);
                }
            }
            Program again = Program.open(folder.resolve("around.pt2"));
            Set<String> names =
                    again.description().method("forward").operators().keySet();
            assertTrue(names.contains("torch.ops.aten." + nodes.getValue() + ".default"), names.toString());
            assertEquals(around.state().keySet(), again.state().keySet()); // the program's counter too
        }
    }

    @Test
    void aChangeInPlaceKeepsTheTypeOfWhatItChanges() throws IOException {
        Map<String, Object> arguments = Map.of("self", new Ref("linear"), "other", 0L);
        Map<Node, float[]> operators = Map.of(
                node("gt_.Scalar", arguments, "y"), new float[] {1, 2}, // gt.Scalar returns bool
                node("pow_.Scalar", Map.of("self", new Ref("linear"), "exponent", 2L), "y"), new float[] {26, 962});
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2); // of which linear is (−5, 31)
        for (Map.Entry<Node, float[]> operator : operators.entrySet()) {
            Path file = write(folder, program(List.of(LINEAR, operator.getKey()), "y"));
            Networks.save(new Around(Program.open(file)), x, folder.resolve("around.pt2"));
            Program again = Program.open(folder.resolve("around.pt2"));
            assertArrayEquals(operator.getValue(), Tensors.floats(again.forward(x)));
        }
    }

    @Test
    void aProgramInANetworkKeepsItsTypesAndItsBuffersWhateverTheirNames() throws IOException {
        SavedNetwork hand = program(List.of(LINEAR), "linear");
        Map<String, Tensor> buffers = Map.of("_seen", Tensor.create(7L));
        Path file = write(folder, new SavedNetwork("Hand", hand.methods(), hand.parameters(), buffers));
        Around around = new Around(Program.open(file));
        assertTrue(around.state().containsKey("program._seen"));
        around.to(CPU, ScalarType.Double, false);
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2);
        assertArrayEquals(new float[] {-4, 32}, Tensors.floats(around.forward(x)));
    }

    @Test
    void aProgramInAFieldThatIsNoBlockIsNamed() throws IOException {
        Program program = Program.open(write(folder, program(List.of(LINEAR), "linear")));
        Network network = new Network("Forgets") {
            final Program body = program;

            @Override
            public Activation forward(Activation x) {
                return body.forward(x);
            }
        };
        String message = assertThrows(IllegalStateException.class, network::requireRegistered)
                .getMessage();
        assertTrue(message.startsWith("layer body was not registered"), message);
    }

    @Test
    void aProgramIsSavedInAnotherFormatWithAllItsMethodsAndResults() throws IOException {
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2);
        Path pt = folder.resolve("again.pt");
        Networks.save(Program.open(write(folder, program(List.of(LINEAR, RELU), "relu", "linear"))), x, pt);
        try (Model model = Model.open(pt)) {
            List<Tensor> results = model.call("forward", List.of(x));
            assertArrayEquals(new float[] {0, 31}, Tensors.floats(results.get(0)));
            assertArrayEquals(new float[] {-5, 31}, Tensors.floats(results.get(1)));
        }
        Program autoencoder = Program.open(Path.of("saved/mnist_cae.pt2"));
        Tensor images = torch.rand(2, 1, 28, 28);
        Networks.save(autoencoder, images, pt);
        try (Model model = Model.open(pt)) {
            assertEquals(autoencoder.description().methods().keySet(), Set.copyOf(model.methods()));
            Tensor z = model.call("encode", images);
            assertTrue(torch.allclose(autoencoder.call("decode", z), model.call("decode", z), 0, 1e-6, false));
        }
    }

    @Test
    void aTensorMadeOfNumbersIsOnTheDeviceOfTheInputsInEachFormat() throws IOException {
        Node arange = node("arange", Map.of("end", 2L), "arange");
        Node sum = node("add.Tensor", Map.of("self", new Ref("x"), "other", new Ref("arange")), "sum");
        SavedNetwork program = program(List.of(arange, sum), "sum");
        String source = TorchScript.source(program.methods().get(0));
        assertTrue(source.contains("arange = torch.arange(end=2, device=x.device)"), source);
        Path file = write(folder, program);
        try (ExportedArchive archive = new ExportedArchive(file)) {
            String json = archive.text("models/model.json");
            assertTrue(json.contains("{\"as_device\":{\"type\":\"cpu\",\"index\":null}}"), json);
        }
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2);
        assertArrayEquals(new float[] {1, 3}, Tensors.floats(Program.open(file).forward(x)));
    }

    @Test
    void aProgramIsSavedInOtherFormats() throws IOException {
        Program program = Program.open(write(folder, program(List.of(LINEAR, RELU), "relu")));
        Tensor x = Tensor.create(new float[] {1, 2}, 1, 2);
        Networks.save(program, x, folder.resolve("hand.onnx"));
        assertEquals(Format.ONNX, Format.of(folder.resolve("hand.onnx")));
        Networks.save(program, x, folder.resolve("hand.pt"));
        try (Model model = Model.open(folder.resolve("hand.pt"))) {
            assertArrayEquals(new float[] {0, 31}, Tensors.floats(model.call("forward", x)));
        }
    }

    @Test
    void aNetworkAroundAProgramForOneExampleSaysWhyItCannotBeSaved() throws IOException {
        SavedNetwork free = program(List.of(LINEAR), "linear");
        MethodGraph forward = free.methods().get(0);
        Symbol one = new Symbol("x", ScalarType.Float, List.of(1L, 2L));
        MethodGraph fixed = new MethodGraph("forward", List.of(one), forward.nodes(), forward.outputs(), false);
        Path file = write(folder, new SavedNetwork("Hand", List.of(fixed), free.parameters(), free.buffers()));
        Around around = new Around(Program.open(file));
        assertEquals(
                "Around cannot be saved: its exported program: x is of sizes [3, 2], not [1, 2]; give it what it takes; the"
                        + " number of examples must be free, from 3 to 7 at least:"
                        + " dynamic_shapes=({0: torch.export.Dim('n', min=2)},)",
                assertThrows(LibTorchException.class, () -> around.requireTraceable(torch.zeros(1, 2)))
                        .getMessage());
    }

    @Test
    void theModulesOfAProgramOutsideAScopeLiveAsLongAsIt() {
        Program program = Program.open(Path.of("saved/mnist_cnn.pt2"), CPU);
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        while (garbage.get() != null) Arrays.fill(new byte[1 << 20], (byte) 1); // until it is collected
        program.train(true);
        assertTrue(program.is_training());
    }

    @Test
    void severalThreadsCallOneModelAtTheSameTime() throws Exception {
        Tiny network = new Tiny();
        save(folder.resolve("tiny.pt2"), network, network);
        LoadedModel model = Program.open(folder.resolve("tiny.pt2"), CPU);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            int rows = thread + 1;
            results.add(threads.submit(() -> {
                boolean same = true;
                for (int i = 0; i < 50; i++) {
                    try (PointerScope call = new PointerScope()) {
                        Tensor x = torch.rand(rows, 3);
                        same &= torch.equal(network.forward(x), model.call("forward", x));
                    }
                }
                return same;
            }));
        }
        for (Future<Boolean> result : results) assertTrue(result.get());
        threads.shutdown();
    }

    @Test
    void valuesAreFreedAfterTheirLastUse() throws IOException {
        List<Node> nodes = new ArrayList<>(List.of(node("relu", Map.of("self", new Ref("x")), "v0")));
        for (int i = 1; i < 64; i++) nodes.add(node("neg", Map.of("self", new Ref("v" + (i - 1))), "v" + i));
        LoadedModel model = Program.open(write(folder, program(nodes, "v63")), CPU);
        try (PointerScope call = new PointerScope()) {
            Tensor x = torch.rand(8 << 20, 2); // 64 MiB: 4 GiB if all values were kept
            long before = Pointer.physicalBytes();
            Tensor answer = model.call("forward", x);
            assertTrue(Pointer.physicalBytes() - before < 512L << 20);
            assertTrue(torch.equal(x.neg(), answer));
        }
    }

    /** Calls an operator as a program does, with arguments as they stand in a file, in simple quotes. */
    private static List<IValue> call(String target, Map<String, IValue> values, String... given) {
        AtenOperator operator = ProgramOperators.find(target);
        ArgumentReader reader = new ArgumentReader(values.keySet(), CPU);
        Step.Values call = Step.Values.of(values, CPU);
        List<IValue> arguments = new ArrayList<>();
        for (int i = 0; i < given.length; i++) {
            String type = operator.parameters().get(i).type();
            byte[] json = given[i].replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            arguments.add(reader.read(type, Json.parse("argument", json)).get(call));
        }
        return ProgramOperators.function(operator).call(arguments, call);
    }

    @Test
    void anLstmWhoseWeightsAreOfAnotherWidthThanItsInputIsRefused() {
        Map<String, IValue> values = new HashMap<>(Map.of(
                "x", new IValue(torch.zeros(1, 2, 5)),
                "h", new IValue(torch.zeros(1, 1, 3)),
                "ih", new IValue(torch.zeros(12, 5)),
                "hh", new IValue(torch.zeros(12, 3))));
        Supplier<List<IValue>> call = () -> call(
                "torch.ops.aten.lstm.input",
                values,
                "{'as_tensor': {'name': 'x'}}",
                "{'as_tensors': [{'name': 'h'}, {'name': 'h'}]}",
                "{'as_tensors': [{'name': 'ih'}, {'name': 'hh'}]}",
                "{'as_bool': false}",
                "{'as_int': 1}",
                "{'as_float': 0.0}",
                "{'as_bool': false}",
                "{'as_bool': false}",
                "{'as_bool': true}");
        assertArrayEquals(new long[] {1, 2, 3}, call.get().get(0).toTensor().shape());
        values.put("x", new IValue(torch.zeros(1, 2, 4)));
        assertThrows(IllegalStateException.class, call::get);
        values.put("x", new IValue(torch.zeros(2, 2, 5)));
        assertThrows(IllegalStateException.class, call::get);
    }

    @Test
    void anLstmWithAProjectionIsComputedAndItsShapesAreChecked() {
        long proj = 2;
        long hidden = 3;
        Map<String, IValue> values = new HashMap<>(Map.of(
                "x", new IValue(torch.ones(4, 2, 5)),
                "h", new IValue(torch.zeros(2, 2, proj)),
                "c", new IValue(torch.zeros(2, 2, hidden)),
                "ih", new IValue(torch.ones(4 * hidden, 5)),
                "hh", new IValue(torch.ones(4 * hidden, proj)),
                "b", new IValue(torch.ones(4 * hidden)),
                "hr", new IValue(torch.ones(proj, hidden)),
                "ih2", new IValue(torch.ones(4 * hidden, proj))));
        String weights = Stream.of("ih", "hh", "b", "b", "hr", "ih2", "hh", "b", "b", "hr")
                .map(name -> "{'name': '" + name + "'}")
                .collect(Collectors.joining(", "));
        Function<String, List<IValue>> call = list -> call(
                "torch.ops.aten.lstm.input",
                values,
                "{'as_tensor': {'name': 'x'}}",
                "{'as_tensors': [{'name': 'h'}, {'name': 'c'}]}",
                "{'as_tensors': [" + list + "]}",
                "{'as_bool': true}",
                "{'as_int': 2}",
                "{'as_float': 0.0}",
                "{'as_bool': false}",
                "{'as_bool': false}",
                "{'as_bool': false}");
        List<IValue> results = call.apply(weights);
        assertArrayEquals(new long[] {4, 2, proj}, results.get(0).toTensor().shape());
        assertArrayEquals(new long[] {2, 2, proj}, results.get(1).toTensor().shape());
        assertArrayEquals(new long[] {2, 2, hidden}, results.get(2).toTensor().shape());
        assertThrows(IllegalStateException.class, () -> call.apply(weights.replace(", {'name': 'hr'}", "")));
        Map<String, long[]> wrong = Map.of(
                "h", new long[] {2, 2, hidden},
                "c", new long[] {2, 2, proj},
                "ih", new long[] {4 * proj, 5},
                "hh", new long[] {4 * hidden, hidden},
                "b", new long[] {4 * proj},
                "hr", new long[] {hidden, proj},
                "ih2", new long[] {4 * hidden, hidden});
        wrong.forEach((name, shape) -> {
            IValue right = values.put(name, new IValue(torch.ones(shape)));
            IllegalStateException error = assertThrows(IllegalStateException.class, () -> call.apply(weights), name);
            assertTrue(error.getMessage().endsWith("its weights and states do not fit its input"), error.getMessage());
            values.put(name, right);
        });
        values.put("c", new IValue(torch.zeros(2))); // of another number of dimensions
        assertThrows(IllegalStateException.class, () -> call.apply(weights));
    }

    @Test
    void indicesOutsideTheImagesAreRefused() {
        Map<String, IValue> values = new HashMap<>(Map.of(
                "gradient", new IValue(Tensors.of(new float[] {5}, 1, 1, 1, 1)),
                "images", new IValue(torch.zeros(1, 1, 2, 2))));
        Function<Long, Tensor> call = index -> {
            values.put("indices", new IValue(Tensors.of(new long[] {index}, 1, 1, 1, 1)));
            return call(
                            "torch.ops.aten.max_pool2d_with_indices_backward.default",
                            values,
                            "{'as_tensor': {'name': 'gradient'}}",
                            "{'as_tensor': {'name': 'images'}}",
                            "{'as_ints': [2, 2]}",
                            "{'as_ints': [2, 2]}",
                            "{'as_ints': [0, 0]}",
                            "{'as_ints': [1, 1]}",
                            "{'as_bool': false}",
                            "{'as_tensor': {'name': 'indices'}}")
                    .get(0)
                    .toTensor();
        };
        assertArrayEquals(new float[] {0, 0, 0, 5}, Tensors.floats(call.apply(3L)));
        assertThrows(IllegalStateException.class, () -> call.apply(4L));
        assertThrows(IllegalStateException.class, () -> call.apply(-1L));
    }

    @Test
    void segmentsThatDoNotDivideTheDataAreRefused() {
        Map<String, IValue> values = new HashMap<>(Map.of("data", new IValue(Tensors.of(new float[] {1, 2, 3}, 3))));
        String given = "{'as_tensor': {'name': 'segments'}}";
        String none = "{'as_none': true}";
        BiFunction<Boolean, long[], Tensor> call = (lengths, segments) -> {
            values.put("segments", new IValue(Tensors.of(segments, segments.length)));
            return call(
                            "torch.ops.aten.segment_reduce.default",
                            values,
                            "{'as_tensor': {'name': 'data'}}",
                            "{'as_string': 'sum'}",
                            lengths ? given : none,
                            none,
                            lengths ? none : given,
                            "{'as_int': 0}",
                            "{'as_bool': true}",
                            none)
                    .get(0)
                    .toTensor();
        };
        assertArrayEquals(new float[] {3, 3}, Tensors.floats(call.apply(true, new long[] {2, 1})));
        assertArrayEquals(new float[] {3, 3}, Tensors.floats(call.apply(false, new long[] {0, 2, 3})));
        for (long[] lengths : List.of(new long[] {2, 2}, new long[] {4, -1}, new long[] {2}))
            assertThrows(IllegalStateException.class, () -> call.apply(true, lengths));
        for (long[] offsets : List.of(new long[] {0, 4}, new long[] {-1, 3}, new long[] {2, 1}))
            assertThrows(IllegalStateException.class, () -> call.apply(false, offsets));
        values.put("data", new IValue(torch.zeros(2, 3)));
        assertThrows(IllegalStateException.class, () -> call.apply(true, new long[] {3}));
    }

    @Test
    void numbersAreComputedAsPythonDoes() {
        record Call(String function, long a, long b, long expected) {}
        for (Call call : List.of(
                new Call("_operator.floordiv", -7, 2, -4),
                new Call("_operator.mod", -7, 2, 1),
                new Call("_operator.sub", 3, 5, -2),
                new Call("torch.sym_max", 3, 5, 5))) {
            assertTrue(PythonNumbers.has(call.function));
            List<IValue> arguments = List.of(new IValue(call.a), new IValue(call.b));
            assertEquals(
                    call.expected, PythonNumbers.call(call.function, arguments).toInt());
        }
        assertFalse(PythonNumbers.has("_operator.getitem"));
        assertFalse(PythonNumbers.has("os.system"));
    }
}
