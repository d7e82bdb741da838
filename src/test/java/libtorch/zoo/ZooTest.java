package libtorch.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import libtorch.Tensors;
import libtorch.export.Networks;
import libtorch.export.StateDict;
import libtorch.nn.Network;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of other kinds than the exercise's, written in Java as a user would, beside Python's. */
class ZooTest implements UsesLibTorch {
    private static final int STEPS = 5;

    @TempDir
    Path folder;

    private static final String RESNET18 = """
            import torchvision
            network = torchvision.models.resnet18(num_classes=10)
            """;

    private static final String GPT = """
            class Block(nn.Module):
                def __init__(self, width):
                    super().__init__()
                    self.width = width
                    self.ln1 = nn.LayerNorm(width)
                    self.attention = nn.Linear(width, 3 * width)
                    self.projection = nn.Linear(width, width)
                    self.ln2 = nn.LayerNorm(width)
                    self.up = nn.Linear(width, 4 * width)
                    self.down = nn.Linear(4 * width, width)

                def forward(self, x):
                    n, t, _ = x.shape
                    q, k, v = [part.view(n, t, 2, self.width // 2).transpose(1, 2)
                               for part in self.attention(self.ln1(x)).split(self.width, dim=2)]
                    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                    x = x + self.projection(y.transpose(1, 2).reshape(n, t, self.width))
                    return x + self.down(F.gelu(self.up(self.ln2(x))))

            class Gpt(nn.Module):
                def __init__(self, tokens, length, width, layers):
                    super().__init__()
                    self.wte = nn.Embedding(tokens, width)
                    self.wpe = nn.Embedding(length, width)
                    self.h = nn.ModuleList([Block(width) for _ in range(layers)])
                    self.ln_f = nn.LayerNorm(width)
                    self.head = nn.Linear(width, tokens, bias=False)

                def forward(self, x):
                    y = self.wte(x) + self.wpe(torch.arange(x.shape[1]))
                    for block in self.h:
                        y = block(y)
                    return self.head(self.ln_f(y))

            torch.manual_seed(1)
            network = Gpt(11, 8, 16, 2)
            """;

    private static final String LSTM = """
            class LstmClassifier(nn.Module):
                def __init__(self, tokens, width, hidden, classes):
                    super().__init__()
                    self.embedding = nn.Embedding(tokens, width)
                    self.lstm = nn.LSTM(width, hidden, num_layers=2, bidirectional=True, batch_first=True)
                    self.linear = nn.Linear(2 * hidden, classes)

                def forward(self, x):
                    _, (hidden, _) = self.lstm(self.embedding(x))
                    return self.linear(torch.cat([hidden[-2], hidden[-1]], dim=1))

            torch.manual_seed(1)
            network = LstmClassifier(11, 6, 5, 3)
            """;

    private static Tensor longs(long below, long... shape) {
        return torch.randint(below, shape, new TensorOptions(ScalarType.Long));
    }

    static Stream<Arguments> networks() {
        torch.manual_seed(1);
        Network gpt = new Gpt(11, 8, 16, 2);
        torch.manual_seed(1);
        Network lstm = new LstmClassifier(11, 6, 5, 3);
        return Stream.of(
                Arguments.of("", RESNET18, new ResNet18(10), torch.rand(4, 3, 64, 64), longs(10, 4)),
                Arguments.of("same seed", GPT, gpt, longs(11, 4, 8), longs(11, 4, 8)),
                Arguments.of("same seed", LSTM, lstm, longs(11, 4, 7), longs(3, 4)));
    }

    /** Takes steps of SGD, and returns the losses before each. */
    private static float[] train(Network network, Tensor inputs, Tensor targets) {
        SGDOptions options = new SGDOptions(0.01);
        options.momentum().put(0.9);
        SGD optimizer = new SGD(network.parameters(), options);
        network.train(true);
        float[] losses = new float[STEPS];
        for (int step = 0; step < STEPS; step++) {
            try (PointerScope scope = new PointerScope()) {
                optimizer.zero_grad();
                Tensor outputs = network.forward(inputs);
                Tensor loss = torch.cross_entropy_loss(outputs.reshape(-1, outputs.size(-1)), targets.reshape(-1));
                loss.backward();
                optimizer.step();
                losses[step] = loss.item_float();
            }
        }
        return losses;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void eachTrainsAsInPythonAndItsFilesAnswerInPythonWhatItAnswers(
            String seed, String python, Network network, Tensor inputs, Tensor targets) throws Exception {
        Map<String, Tensor> examples = new LinkedHashMap<>();
        network.state().forEach((name, tensor) -> examples.put("before." + name, tensor.clone()));
        float[] losses = train(network, inputs, targets);
        assertTrue(losses[STEPS - 1] < losses[0], Arrays.toString(losses));
        network.eval();
        try (NoGradGuard noGrad = new NoGradGuard()) {
            for (String suffix : List.of("pt", "pt2", "onnx", "pth"))
                Networks.save(network, inputs, folder.resolve("network." + suffix));
            examples.put("inputs", inputs);
            examples.put("targets", targets);
            examples.put("outputs", network.forward(inputs));
        }
        StateDict.save(folder.resolve("examples.pth"), examples, Map.of());
        String[] printed = PythonRun.of(
                        "import onnx, onnxruntime, torch, torchvision", """
                        import sys
                        from torch import nn
                        import torch.nn.functional as F
                        """ + python + """
                        folder, seed = sys.argv[1:3]
                        examples = torch.load(folder + "/examples.pth", weights_only=True)
                        before = {k[7:]: v for k, v in examples.items() if k.startswith("before.")}
                        if seed:
                            for name, tensor in network.state_dict().items():
                                assert torch.equal(tensor, before[name]), name
                        network.load_state_dict(before)
                        x, targets, expected = examples["inputs"], examples["targets"], examples["outputs"]

                        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
                        for _ in range(5):
                            optimizer.zero_grad()
                            outputs = network(x)
                            loss = F.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1))
                            loss.backward()
                            optimizer.step()
                            print(loss.item())

                        def check(name, answer, expected):
                            difference = ((answer - expected).abs().max() / expected.abs().max()).item()
                            assert difference <= 2e-6, (name, difference)

                        with torch.no_grad():
                            network.load_state_dict(torch.load(folder + "/network.pth", weights_only=True))
                            check("pth", network.eval()(x), expected)
                            check("pt", torch.jit.load(folder + "/network.pt")(x), expected)
                            program = torch.export.load(folder + "/network.pt2").module()
                            check("pt2", program(x), expected)
                            check("pt2 of one", program(x[:1]), expected[:1])
                        onnx.checker.check_model(folder + "/network.onnx", full_check=True)
                        session = onnxruntime.InferenceSession(folder + "/network.onnx", providers=["CPUExecutionProvider"])
                        answer = lambda x: torch.tensor(session.run(None, {session.get_inputs()[0].name: x.numpy()})[0])
                        check("onnx", answer(x), expected)
                        check("onnx of one", answer(x[:1]), expected[:1])
                        """, folder, seed)
                .split("\n");
        for (int step = 0; step < STEPS; step++) {
            assertEquals(Double.parseDouble(printed[step]), losses[step], 2e-4 * losses[step]);
        }
    }

    @Test
    void resNet18AnswersWithTorchvisionsWeightsWhatTorchvisionAnswers() throws Exception {
        Path weights = folder.resolve("resnet18.pth");
        String answer = PythonRun.of("import torch, torchvision", """
                import sys
                torch.manual_seed(1)
                network = torchvision.models.resnet18()
                network(torch.rand(8, 3, 64, 64)) # moves the running statistics
                torch.save(network.state_dict(), sys.argv[1])
                x = (torch.arange(3 * 64 * 64) % 97 / 97).view(1, 3, 64, 64)
                with torch.no_grad():
                    print(*network.eval()(x).flatten().tolist())
                """, weights);
        ResNet18 network = new ResNet18(1000);
        StateDict.load(weights, network);
        network.eval();
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Scalar period = new Scalar(97);
            Tensor x = torch.arange(new Scalar(3 * 64 * 64.0)).remainder(period).div(period);
            float[] actual = Tensors.floats(network.forward(x.view(1, 3, 64, 64)));
            double[] expected = Arrays.stream(answer.trim().split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            assertEquals(expected.length, actual.length);
            for (int i = 0; i < expected.length; i++) assertEquals(expected[i], actual[i], 2e-6 * largest);
        }
    }
}
