package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.SavedNetwork;
import libtorch.nn.Tracer;
import libtorch.nn.UpsampleConv2d;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptTest implements UsesLibTorch {
    @TempDir
    Path folder;

    /** A convolution without padding and a linear layer, with a method of two arguments and two results. */
    private static final class Tiny extends Network {
        final Conv2dImpl conv1 = conv2d("conv1", 1, 2, 5, 0);
        final LinearImpl linear1 = linear("linear1", 24, 3);

        Tiny() {
            super("Tiny");
        }

        @Override
        public Activation forward(Activation x) { // N×1×28×28
            return x.conv2d(conv1).relu().linear(linear1); // N×2×24×3
        }

        @Override
        public List<NetworkMethod> methods(Activation x) {
            return List.of(
                    NetworkMethod.of("forward", "x", x, this::forward),
                    new NetworkMethod(
                            "both",
                            List.of("x", "y"),
                            List.of(x, x),
                            v -> List.of(v.get(0).add(v.get(1)), forward(v.get(0)))));
        }
    }

    private static SavedNetwork program(Network network, long... shape) {
        return network.snapshot(Tracer.trace(network, shape));
    }

    private void save(Path file, Network network, Map<String, String> texts, Tensor inputs) {
        long[] shape = java.util.Arrays.copyOfRange(inputs.shape(), 1, (int) inputs.dim());
        network.eval();
        TorchScript.save(file, program(network, shape), texts, new Verification(network, inputs));
    }

    @Test
    void theFileAnswersBitForBitWhatJavaAnswersAndCarriesItsTexts() {
        Path file = folder.resolve("tiny.pt");
        Tiny network = new Tiny();
        Tensor images = torch.rand(3, 1, 28, 28);
        save(file, network, Map.of("run.json", "{\"seed\": 1, \"text\": \"×\"}"), images);
        ExtraFilesMap extra = new ExtraFilesMap();
        extra.put(new BytePointer("run.json"), new BytePointer(""));
        JitModule script = torch.load(file.toString(), new DeviceOptional(new Device("cpu")), extra, false);
        assertEquals(
                "{\"seed\": 1, \"text\": \"×\"}",
                extra.get(new BytePointer("run.json")).getString());
        assertFalse(script.is_training());
        LoadedModel loaded = ScriptModel.load(file, new Device("cpu"));
        assertTrue(torch.equal(network.forward(images), loaded.call("forward", images)));
        List<Tensor> both = loaded.call("both", List.of(images, images));
        assertTrue(torch.equal(images.add(images), both.get(0)));
        assertTrue(torch.equal(network.forward(images), both.get(1)));
        assertArrayEquals(new String[] {"tiny.pt"}, folder.toFile().list());
    }

    @Test
    void theSourceIsALinePerOperator() {
        Tiny network = new Tiny();
        assertEquals("""
                def forward(self, x):
                    conv2d = torch.conv2d(x, weight=self.conv1.weight, bias=self.conv1.bias, stride=[1, 1], \
                padding=[0, 0], dilation=[1, 1], groups=1)
                    relu = torch.relu(conv2d)
                    linear = torch.linear(relu, weight=self.linear1.weight, bias=self.linear1.bias)
                    return linear
                """, TorchScript.source(Tracer.trace(network, 1, 28, 28).get(0)));
    }

    @Test
    void whatWasSavedIsLoadedWithItsRecordOrWithoutOne() {
        Path file = folder.resolve("tiny.pt");
        Tiny network = new Tiny();
        Tensor images = torch.rand(3, 1, 28, 28);
        save(file, network, Map.of("run.json", "{}"), images);
        LoadedModel loaded = ScriptModel.load(file, new Device("cpu"));
        assertEquals("{}", loaded.description().record());
        assertTrue(torch.equal(network.forward(images), loaded.call("forward", images)));
        assertTrue(loaded.description().methods().containsKey("both"));
        assertFalse(loaded.description().methods().containsKey("encode"));
        save(file, network, Map.of(), images);
        assertEquals("", ScriptModel.load(file, new Device("cpu")).description().record());
    }

    @Test
    void aFileThatAnswersDifferentlyIsRefusedAndTheOldFileStays() throws IOException {
        Path file = folder.resolve("tiny.pt");
        Files.writeString(file, "old");
        Tiny saved = new Tiny();
        SavedNetwork program = program(saved, 1, 28, 28);
        saved.linear1.bias().detach().add_(new Scalar(1e-6)); // after the weights were copied
        Verification verification = new Verification(saved, torch.rand(3, 1, 28, 28));
        IllegalStateException error = assertThrows(
                IllegalStateException.class, () -> TorchScript.save(file, program, Map.of(), verification));
        assertTrue(
                error.getMessage().startsWith("forward answers differently in the file than in Java"),
                error.getMessage());
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"tiny.pt"}, folder.toFile().list());
    }

    /** Adds a weight, and converts to a type. */
    private static final class Conversion extends Network {
        final Tensor weight = parameter("weight", torch.ones(2));
        final ScalarType type;

        Conversion(ScalarType type) {
            super("Conversion");
            this.type = type;
        }

        @Override
        public Activation forward(Activation x) {
            return x.add(Activation.of(weight)).call("to.dtype", "dtype", type);
        }
    }

    @Test
    void anAnswerOfAnotherTypeInTheFileIsNamed() {
        Path file = folder.resolve("tiny.pt");
        SavedNetwork program = program(new Conversion(ScalarType.Float), 2);
        Verification verification = new Verification(new Conversion(ScalarType.Double), torch.rand(3, 2));
        IllegalStateException error = assertThrows(
                IllegalStateException.class, () -> TorchScript.save(file, program, Map.of(), verification));
        assertEquals(
                "forward answers differently in the file than in Java (by another type: Float, not Double)",
                error.getMessage());
    }

    @Test
    void savingTwiceGivesTheSameBytes() throws IOException {
        Tiny network = new Tiny();
        Tensor images = torch.rand(1, 1, 28, 28);
        save(folder.resolve("a.pt"), network, Map.of("run.json", "{}"), images);
        byte[] first = Files.readAllBytes(folder.resolve("a.pt"));
        save(folder.resolve("a.pt"), network, Map.of("run.json", "{}"), images);
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("a.pt")));
    }

    /** Upsamples and convolves, which training computes in one. */
    private static final class Upsampling extends Network {
        final UpsampleConv2d conv1 = upsampleConv2d("conv1", 1, 2);

        Upsampling() {
            super("Upsampling");
        }

        @Override
        public Activation forward(Activation x) {
            return x.upsampleConv2d(conv1).sigmoid();
        }
    }

    @Test
    void whatTrainingFoldsIsWrittenAsTheTwoLayersItStandsForAndMayDifferByRoundingOnly() {
        Path file = folder.resolve("up.pt");
        Upsampling network = new Upsampling();
        Tensor images = torch.rand(3, 1, 7, 7);
        save(file, network, Map.of(), images);
        String source = TorchScript.source(Tracer.trace(network, 1, 7, 7).get(0));
        assertTrue(source.contains("torch.upsample_nearest2d(x, output_size=None, scale_factors=[2.0, 2.0])"), source);
        assertTrue(source.contains("torch.conv2d(upsample_nearest2d, "), source);
        Tensor difference = ScriptModel.load(file, new Device("cpu"))
                .call("forward", images)
                .sub(network.forward(images));
        assertEquals(0, difference.abs().max().item_double(), 1e-6);

        SavedNetwork program = program(network, 1, 7, 7);
        network.load(Map.of("conv1.weight", torch.ones(2, 1, 3, 3), "conv1.bias", torch.zeros(2)));
        assertThrows(
                IllegalStateException.class,
                () -> TorchScript.save(file, program, Map.of(), new Verification(network, images)));
    }

    /** Multiplies by a parameter of integers, and by one of the given name. */
    private static final class Named extends Network {
        final Tensor bits = Tensors.of(new long[] {2, 3}, 2);
        final Tensor weight;

        Named(String name) {
            super("Named");
            weight = parameter(name, torch.ones(2));
            register_parameter("bits", bits, /*requires_grad*/ false);
        }

        @Override
        public Activation forward(Activation x) {
            return x.mul(Activation.of(bits)).mul(Activation.of(weight));
        }
    }

    @Test
    void parametersOfIntegersRequireNoGradientsInPython() throws Exception {
        Named network = new Named("weight");
        network.eval();
        List<Path> files = List.of(folder.resolve("named.pt"), folder.resolve("named.pt2"));
        for (Path file : files) Networks.save(network, torch.rand(3, 2), file);
        PythonRun.of(ProgramTest.TORCH, """
                import sys
                for file in sys.argv[1:]:
                    network = torch.jit.load(file) if file.endswith(".pt") else torch.export.load(file).module()
                    assert network(torch.tensor([[1.0, 2.0]])).tolist() == [[2.0, 6.0]]
                    trained = {name: parameter.requires_grad for name, parameter in network.named_parameters()}
                    assert trained == {"bits": False, "weight": True}, trained
                """, files.toArray());
    }

    @Test
    void namesThatTorchScriptReservesAreRefused() {
        for (String name : List.of("in", "class", "None")) {
            Named network = new Named(name);
            LibTorchException error = assertThrows(
                    LibTorchException.class,
                    () -> Networks.save(network, torch.rand(3, 2), folder.resolve("named.pt")));
            assertEquals(
                    "Named cannot be saved as .pt: TorchScript reserves the word " + name + ", which is in the name "
                            + name + "; give the block, layer or tensor another name, or save the other formats",
                    error.getMessage());
        }
        for (String name : List.of("lambda", "from", "0")) {
            Path file = folder.resolve("named.pt");
            Tensor x = torch.rand(3, 2);
            Named network = new Named(name);
            Networks.save(network, x, file);
            assertTrue(torch.equal(
                    network.forward(x),
                    ScriptModel.load(file, new Device("cpu")).call("forward", x)));
        }
    }
}
