package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.Checkpoint;
import libtorch.training.EpochMetrics;
import libtorch.training.StoppedException;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import libtorch.training.TrainingState;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs as networks, beside Python. */
class ProgramTest implements UsesLibTorch {
    private static final Device CPU = new Device("cpu");
    private static final String SCRIPTS = "src/test/resources/export/";
    static final String TORCH = "import torch; assert tuple(map(int, torch.__version__.split('.')[:2])) >= (2, 10)";

    @TempDir
    static Path folder;

    private record Runs(float[] inputs, long[] targets, Map<String, Run> runs) {}

    private record Run(double[] losses, long tracked, float[] variance, float[] answers) {}

    private record Answer(float[] answers, long tracked) {}

    private static Runs runs() throws Exception {
        if (!Files.exists(folder.resolve("runs.json"))) script("train.py", folder);
        return new Gson().fromJson(Files.readString(folder.resolve("runs.json")), Runs.class);
    }

    static String script(String name, Object... arguments) throws Exception {
        return PythonRun.of(TORCH, Files.readString(Path.of(SCRIPTS + name)), arguments);
    }

    private static Task<Program> task(Path file, Runs runs) {
        Examples examples = Examples.of(
                Tensors.of(runs.inputs, runs.targets.length, 1, 28, 28), Tensors.of(runs.targets, runs.targets.length));
        return new Task<>(
                "net",
                () -> Program.open(file, CPU),
                parameters -> {
                    SGDOptions options = new SGDOptions(0.05);
                    options.momentum().put(0.9);
                    options.weight_decay().put(1e-3);
                    return new SGD(parameters, options);
                },
                (output, target) -> torch.cross_entropy_loss(output, target),
                examples,
                examples.narrow(0, 16),
                5,
                2,
                16,
                new JsonObject());
    }

    /** Ends training after so many steps. */
    private static final class StopAfter implements TrainingListener {
        private int steps;

        StopAfter(int steps) {
            this.steps = steps;
        }

        @Override
        public void batchDone(Tensor loss) {
            steps--;
        }

        @Override
        public int stop() {
            return steps == 0 ? 1 : 0;
        }
    }

    @Test
    void aTrainingThatIsStoppedWithinAnEpochGoesOnToTheBitDropoutIncluded() throws Exception {
        Runs runs = runs();
        Dataset data = new Dataset("numbers", "");
        Path file = folder.resolve("net.checkpoint");
        try (PointerScope scope = new PointerScope()) {
            Trainer<Program> whole = trainer(runs);
            whole.fit();
            Trainer<Program> stopped = trainer(runs);
            Checkpoint writing = new Checkpoint(file, stopped, data, true, () -> true);
            assertThrows(
                    StoppedException.class,
                    () -> stopped.fit(TrainingState.START, List.of(writing, new StopAfter(6)))); // of 4 an epoch
            Trainer<Program> resumed = trainer(runs);
            Checkpoint reading = new Checkpoint(file, resumed, data, true, () -> true);
            resumed.fit(reading.resume(), List.of(reading));
            Map<String, Tensor> expected = whole.network().state();
            resumed.network()
                    .state()
                    .forEach((name, tensor) -> assertTrue(Weights.sameBits(expected.get(name), tensor), name));
        }
    }

    private static Trainer<Program> trainer(Runs runs) {
        return Trainer.of(task(folder.resolve("train.pt2"), runs), CPU, ScalarType.Float)
                .withDefaultGenerators();
    }

    @Test
    void aModelAnswersInTheModeOfItsExportAndAProgramInItsOwn() throws Exception {
        Runs runs = runs();
        try (PointerScope scope = new PointerScope();
                Model model = Model.open(folder.resolve("train.pt2"))) {
            Program program = Program.open(folder.resolve("train.pt2"), CPU);
            Tensor four =
                    Tensors.of(runs.inputs, runs.targets.length, 1, 28, 28).narrow(0, 0, 4);
            assertTrue(torch.equal(program.forward(four), program.forward(four)));
            assertFalse(torch.equal(model.call("forward", four), model.call("forward", four))); // dropout
            assertEquals(0, program.state().get("layer1.1.num_batches_tracked").item_long());
            program.train(true);
            assertFalse(torch.equal(program.forward(four), program.forward(four)));
            assertEquals(2, program.state().get("layer1.1.num_batches_tracked").item_long());
        }
    }

    private record Flow(float[] x, float[] row, List<FlowCall> calls) {}

    private record FlowCall(float[] sign, float[][] answers) {}

    @Test
    void branchesLoopsAndContainersAnswerAsInPythonUnderItsNames() throws Exception {
        script("flow.py", folder);
        Flow flow = new Gson().fromJson(Files.readString(folder.resolve("flow.json")), Flow.class);
        assertEquals(2, flow.calls.size());
        try (Model model = Model.open(folder.resolve("flow.pt2"))) {
            List<String> names = List.of("branch", "parts.0", "parts.1", "n", "fixed", "cast");
            assertEquals(names, model.description().method("forward").outputs());
            for (FlowCall call : flow.calls) {
                ModelCall.Results results = model.with("tensors_x", flow.x, 4, 3)
                        .with("tensors_i", new long[] {2})
                        .with("pair_0", call.sign, 2)
                        .with("pair_1_0", flow.row, 3)
                        .call();
                for (int i = 0; i < names.size(); i++)
                    assertArrayEquals(call.answers[i], results.floats(names.get(i)), 1e-6f, names.get(i));
            }
        }
    }

    @Test
    void frozenParametersStayAndOthersAreTrained() throws Exception {
        Runs runs = runs();
        try (PointerScope scope = new PointerScope()) {
            Trainer<Program> trainer = trainer(runs);
            trainer.network().freeze("layer1.*").freeze("lstm.*_l0");
            Map<String, Tensor> before = new HashMap<>();
            trainer.network()
                    .state()
                    .forEach((name, tensor) -> before.put(name, tensor.detach().clone()));
            trainer.fit();
            trainer.network().state().forEach((name, tensor) -> {
                boolean frozen = name.matches("layer1.*(weight|bias)|lstm.*_l0|_shift");
                assertEquals(frozen, torch.equal(before.get(name), tensor.detach()), name);
            });
            assertThrows(IllegalArgumentException.class, () -> trainer.network().freeze("layer9.*"));
        }
    }

    /** Collects the loss of each step. */
    private static final class Losses implements TrainingListener {
        final List<Double> all = new ArrayList<>();

        @Override
        public void epochDone(EpochMetrics metrics, double[] stepLosses) {
            for (double loss : stepLosses) all.add(loss);
        }
    }

    @Test
    void trainingStepByStepGivesPythonsLossesAndPythonOpensWhatIsSaved() throws Exception {
        Runs runs = runs();
        Tensor two = Tensors.of(runs.inputs, runs.targets.length, 1, 28, 28).narrow(0, 0, 2);
        List<Object> saved = new ArrayList<>();
        List<float[]> answers = new ArrayList<>();
        for (Map.Entry<String, Run> mode : runs.runs.entrySet()) {
            Run python = mode.getValue();
            try (PointerScope scope = new PointerScope()) {
                Trainer<Program> trainer =
                        Trainer.of(task(folder.resolve(mode.getKey() + ".pt2"), runs), CPU, ScalarType.Float);
                Losses losses = new Losses();
                trainer.withDefaultGenerators().fit(losses);
                double[] java =
                        losses.all.stream().mapToDouble(Double::doubleValue).toArray();
                assertArrayEquals(python.losses, java, 2e-5, mode.getKey());
                Program network = trainer.network();
                network.eval();
                Map<String, Tensor> state = network.state();
                assertEquals(
                        python.tracked,
                        state.get("layer1.1.num_batches_tracked").item_long(),
                        mode.getKey());
                assertArrayEquals(python.variance, Tensors.floats(state.get("layer1.1.running_var")), 1e-5f);
                answers.add(Tensors.floats(network.forward(two)));
                assertArrayEquals(python.answers, answers.get(saved.size()), 2e-4f, mode.getKey());
                Path file = folder.resolve("tuned-" + mode.getKey() + ".pt2");
                network.save(file);
                network.save(folder.resolve("tuned-" + mode.getKey() + ".pth"));
                assertArrayEquals(
                        answers.get(saved.size()),
                        Tensors.floats(Program.open(file, CPU).forward(two)));
                saved.add(file);
            }
        }
        List<String> lines = script("answer.py", saved.toArray())
                .lines()
                .filter(line -> line.startsWith("{")) // and not a warning
                .toList();
        assertEquals(3, lines.size());
        for (int i = 0; i < lines.size(); i++) {
            Answer python = new Gson().fromJson(lines.get(i), Answer.class);
            assertArrayEquals(
                    answers.get(i), python.answers, 1e-5f, saved.get(i).toString());
            assertEquals(8, python.tracked);
        }
    }

    /** A program with a new head. */
    private static final class Around extends Network {
        final Program body;
        final LinearImpl head = linear("head", 10, 2);

        Around(Path file) {
            super("Around");
            body = block("body", Program.open(file));
        }

        @Override
        public Activation forward(Activation x) {
            return body.forward(x).linear(head);
        }
    }

    @Test
    void aNetworkAroundAProgramOfPythonIsSavedWithItAndAnswersInPython() throws Exception {
        Runs runs = runs();
        Tensor x = Tensors.of(runs.inputs, runs.targets.length, 1, 28, 28).narrow(0, 0, 7);
        List<Object> arguments = new ArrayList<>(List.of(folder.resolve("x.pth")));
        Map<String, Tensor> expected = new HashMap<>(Map.of("x", x));
        for (String mode : runs.runs.keySet()) {
            Around network = new Around(folder.resolve(mode + ".pt2"));
            network.eval();
            expected.put(mode, network.forward(x).detach());
            for (String suffix : List.of(".pt", ".pt2")) {
                Path file = folder.resolve("around-" + mode + suffix);
                Networks.save(network, x, file);
                arguments.add(file);
            }
        }
        StateDict.save(folder.resolve("x.pth"), expected, Map.of());
        PythonRun.of(TORCH, """
                import sys
                tensors = torch.load(sys.argv[1], weights_only=True)
                for file in sys.argv[2:]:
                    network = torch.export.load(file).module() if file.endswith("2") else torch.jit.load(file)
                    expected = tensors[file.split("around-")[1].split(".")[0]]
                    for n in (7, 2):
                        answer = network(tensors["x"][:n])
                        assert torch.allclose(answer, expected[:n], rtol=0, atol=1e-5), (file, answer, expected)
                """, arguments.toArray());
    }

    @Test
    void aConstantOfAProgramKeepsItsPrecisionInEachFile() throws Exception {
        script("flow.py", folder);
        Tensor x = torch.zeros(4, 10);
        for (String suffix : List.of(".pt", ".pt2")) {
            Path file = folder.resolve("around-constant" + suffix);
            Around around = new Around(folder.resolve("constant.pt2"));
            around.to(CPU, ScalarType.Float, false);
            Networks.save(around, x, file);
            try (Model model = Model.open(file)) {
                Tensor expected = around.head.forward(torch.ones(4, 10)); // 2⁻⁴⁰ would be lost in float32
                assertTrue(torch.allclose(expected, model.call("forward", x), 0, 1e-6, false));
            }
        }
    }

    @Test
    void aNetworkAroundAProgramThatDependsOnNumbersSaysWhyItCannotBeSaved() throws Exception {
        script("flow.py", folder);
        Map<String, String> programs = Map.of(
                "branch.pt2", "torch.ops.higher_order.cond",
                "number.pt2", "a number that is computed from tensors, by torch.ops.aten.item.default");
        programs.forEach((file, part) -> assertEquals(
                "Around cannot be saved: an exported program has " + part + "; save the program by itself, as .pt2",
                assertThrows(
                                LibTorchException.class,
                                () -> new Around(folder.resolve(file)).requireTraceable(torch.zeros(2, 10)))
                        .getMessage()));
    }

    @Test
    void textsThatAreSavedWithAProgramTravelInItsFile(@TempDir Path folder) {
        Path file = folder.resolve("again.pt2");
        try (PointerScope scope = new PointerScope()) {
            Program program = Program.open(Path.of("saved/mnist_ae.pt2"), CPU);
            Networks.save(program, torch.zeros(1, 1, 28, 28), file, Map.of(TorchScript.RECORD, "{\"seed\": 7}"));
            assertEquals("{\"seed\": 7}", Program.open(file, CPU).description().record());
        }
    }
}
