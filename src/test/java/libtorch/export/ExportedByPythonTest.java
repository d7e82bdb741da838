package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import libtorch.Tensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.Tracer;
import mnist.UsesLibTorch;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Exchanges .pt2 files with Python, both ways. Runs where a Python has PyTorch 2.10 or newer: the one that the variable
 * PYTHON names, or python3.
 */
class ExportedByPythonTest implements UsesLibTorch {
    private static final Path SCRIPTS = Path.of("src/test/resources/export");
    private static final double TOLERANCE = 2e-6; // relative to the largest number

    private static final Map<String, ScalarType> TYPES = Map.of(
            "float32", ScalarType.Float,
            "float64", ScalarType.Double,
            "int64", ScalarType.Long,
            "bool", ScalarType.Bool);

    private static String python;

    @TempDir
    Path folder;

    /** A tensor as the scripts read and write it. */
    private record Plain(String dtype, long[] shape, double[] values) {
        static Plain of(Tensor tensor) {
            return new Plain("float32", tensor.shape(), Tensors.doubles(tensor));
        }

        Tensor tensor() {
            return Tensor.create(values, shape).to(TYPES.get(dtype));
        }
    }

    private record Call(String method, List<Plain> inputs, List<Plain> outputs) {}

    @BeforeAll
    static void findPython() throws Exception {
        python = System.getenv().getOrDefault("PYTHON", "python3");
        String recent = "import torch, sys; sys.exit(tuple(map(int, torch.__version__.split('.')[:2])) < (2, 10))";
        try {
            Process process = new ProcessBuilder(python, "-c", recent)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assumeTrue(process.waitFor() == 0, python + " has no PyTorch 2.10 or newer");
        } catch (IOException e) {
            assumeTrue(false, "there is no " + python);
        }
    }

    private static String run(Object... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(python, "-W", "ignore"));
        for (Object word : words) command.add(word.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static List<Call> calls(Path file) throws IOException {
        return new Gson().fromJson(Files.readString(file), new TypeToken<>() {});
    }

    @Test
    void javaComputesWhatPythonComputesWithTheNetworksThatItExported() throws Exception {
        run(SCRIPTS.resolve("networks.py"), folder);
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".pt2")).toList();
        }
        assertEquals(20, files.size());
        for (Path file : files) {
            try (PointerScope scope = new PointerScope()) {
                LoadedModel model = Program.open(file, new Device("cpu"));
                for (Call call : calls(Path.of(file.toString().replace(".pt2", ".json")))) {
                    List<Tensor> arguments =
                            call.inputs.stream().map(Plain::tensor).toList();
                    List<Tensor> answer = model.call("forward", arguments);
                    assertEquals(call.outputs.size(), answer.size(), file.toString());
                    for (int i = 0; i < answer.size(); i++) {
                        assertClose(call.outputs.get(i), answer.get(i), file + ", result " + i);
                    }
                }
            }
        }
    }

    private static void assertClose(Plain expected, Tensor actual, String what) {
        assertEquals(TYPES.get(expected.dtype), actual.scalar_type().intern(), what);
        assertArrayEquals(expected.shape, actual.shape(), what);
        double largest = Arrays.stream(expected.values).map(Math::abs).max().orElse(0);
        assertArrayEquals(expected.values, Tensors.doubles(actual), TOLERANCE * largest, what);
    }

    @Test
    void pythonComputesWhatJavaComputesWithTheNetworksThatItSaved() throws Exception {
        Map<String, Supplier<Network>> models = new LinkedHashMap<>(Prob4.networks());
        models.putAll(Prob5.networks());
        models.putAll(Prob6.networks());
        List<String> expected = new ArrayList<>();
        for (String name : models.keySet()) {
            Path file = folder.resolve(name + ".pt2");
            List<Call> calls = new ArrayList<>();
            try (PointerScope scope = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                Network network = models.get(name).get();
                network.eval();
                Verification verification = new Verification(network, torch.rand(4, 1, 28, 28));
                ExportWriter.save(
                        file,
                        network.snapshot(Tracer.trace(network, 1, 28, 28)),
                        Map.of("run.json", "{\"text\": \"×\"}"),
                        verification);
                for (int examples : new int[] {1, 7}) {
                    for (NetworkMethod method : network.methods(Activation.of(torch.rand(examples, 1, 28, 28)))) {
                        calls.add(new Call(method.name(), plain(method.examples()), plain(method.call())));
                    }
                }
            }
            Files.writeString(folder.resolve(name + ".json"), new Gson().toJson(calls));
            expected.add(file + " " + calls.size() / 2 + " programs");
        }
        List<Object> words = new ArrayList<>(List.of(SCRIPTS.resolve("open.py")));
        for (String name : models.keySet()) words.add(folder.resolve(name + ".pt2"));
        String answer = run(words.toArray());
        for (String line : expected) assertTrue(answer.contains(line), answer);
    }

    private static List<Plain> plain(List<Activation> values) {
        return values.stream().map(Activation::tensor).map(Plain::of).toList();
    }
}
