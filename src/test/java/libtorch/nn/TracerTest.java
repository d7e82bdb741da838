package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.Model;
import libtorch.export.Networks;
import libtorch.export.Safetensors;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.T_TensorT_TensorTensor_T_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kReflect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracerTest implements UsesLibTorch {
    /** Layers of every usual kind: with and without bias, with buffers, with another behaviour in training. */
    private static final class Mixed extends Network {
        final Conv2dImpl conv1 = register_module("conv1", conv());
        final BatchNorm2dImpl norm1 = register_module("norm1", new BatchNorm2dImpl(new BatchNormOptions(4)));
        final LinearImpl linear1 = register_module("linear1", withoutBias(4 * 3 * 3, 5));
        final BatchNorm1dImpl norm2 = register_module("norm2", new BatchNorm1dImpl(new BatchNormOptions(5)));
        final DropoutImpl dropout = register_module("dropout", new DropoutImpl(0.5));
        final LinearImpl linear2 = linear("linear2", 5, 2);

        Mixed() {
            super("Mixed");
        }

        private static Conv2dImpl conv() {
            Conv2dOptions options = new Conv2dOptions(2, 4, new LongPointer(3, 3));
            options.stride().put(new LongPointer(2, 2));
            options.groups().put(2);
            options.bias().put(false);
            return new Conv2dImpl(options);
        }

        private static LinearImpl withoutBias(long in, long out) {
            LinearOptions options = new LinearOptions(in, out);
            options.bias().put(false);
            return new LinearImpl(options);
        }

        @Override
        public Activation forward(Activation x) { // N×2×7×7
            Activation h = x.conv2d(conv1).batchNorm(norm1).tanh(); // N×4×3×3
            return h.flatten().linear(linear1).batchNorm(norm2).dropout(dropout).linear(linear2); // N×2
        }
    }

    @Test
    void layersOfEveryUsualKindSurviveSavingWithTheirBuffersAndInEvalMode(@TempDir Path folder) {
        Mixed network = new Mixed();
        for (int i = 0; i < 3; i++) network.forward(torch.randn(8, 2, 7, 7)); // moves the running statistics
        assertTrue(network.is_training());
        List<MethodGraph> methods = Tracer.trace(network, 2, 7, 7);
        assertTrue(network.is_training());
        SavedNetwork program = network.snapshot(methods);
        assertEquals(
                List.of(
                        "norm1.running_mean",
                        "norm1.running_var",
                        "norm1.num_batches_tracked",
                        "norm2.running_mean",
                        "norm2.running_var",
                        "norm2.num_batches_tracked"),
                List.copyOf(program.buffers().keySet()));

        network.eval();
        Tensor x = torch.randn(5, 2, 7, 7);
        Path script = folder.resolve("mixed.pt");
        Networks.save(network, x, script);
        try (Model loaded = Model.open(script)) {
            assertTrue(torch.equal(network.forward(x), loaded.call("forward", x)));
            assertTrue(torch.equal(loaded.call("forward", x), loaded.call("forward", x))); // no dropout
        }

        Path weights = folder.resolve("mixed.safetensors");
        Safetensors.save(weights, program.state(), Map.of());
        Mixed other = new Mixed();
        Safetensors.load(weights, other);
        other.eval();
        assertTrue(torch.equal(network.forward(x), other.forward(x)));
        assertEquals(3, other.norm1.num_batches_tracked().item_long());
    }

    @Test
    void aGraphHasTheOperatorsTheirArgumentsAndTheShapesForAnyNumberOfExamples() {
        MethodGraph graph = Tracer.trace(new Mixed(), 2, 7, 7).get(0);
        assertEquals(
                List.of("conv2d", "batch_norm", "tanh", "flatten.using_ints", "linear", "batch_norm", "linear"),
                graph.nodes().stream().map(MethodGraph.Node::operator).toList());
        MethodGraph.Node conv = graph.nodes().get(0);
        assertEquals(new MethodGraph.Ref("x"), conv.arguments().get("input"));
        assertEquals(new MethodGraph.State("conv1.weight"), conv.arguments().get("weight"));
        assertTrue(conv.arguments().containsKey("bias") && conv.arguments().get("bias") == null);
        assertEquals(List.of(2L, 2L), conv.arguments().get("stride"));
        assertEquals(2L, conv.arguments().get("groups"));
        assertEquals(List.of(MethodGraph.BATCH, 4L, 3L, 3L), conv.result().shape());
        assertEquals(false, graph.nodes().get(1).arguments().get("training"));
        assertEquals(List.of("linear_1"), graph.outputs());
        assertFalse(graph.fused());
    }

    /** A network of one function. */
    private static final class Custom extends Network {
        private final Function<Activation, Activation> body;

        Custom(Function<Activation, Activation> body) {
            super("Custom");
            this.body = body;
        }

        @Override
        public Activation forward(Activation x) {
            return body.apply(x);
        }
    }

    private static String refusal(Network network, long... shape) {
        return assertThrows(LibTorchException.class, () -> Tracer.trace(network, shape))
                .getMessage();
    }

    /** A layer that is called itself, and not by a method of Activation. */
    private static final class Recurrent extends Network {
        final LSTMImpl lstm1 = register_module("lstm1", new LSTMImpl(3, 2));

        Recurrent() {
            super("Recurrent");
        }

        @Override
        public Activation forward(Activation x) {
            T_TensorT_TensorTensor_T_T result = lstm1.forward(x.tensor()); // RECURRENT
            return Activation.of(result.get0());
        }
    }

    @Test
    void aLayerThatCannotBeSavedIsNamed() {
        assertEquals(
                "Recurrent cannot be saved: what forward returns was not computed by methods of Activation (tensor() is"
                        + " called at TracerTest.java:" + lineOf("// RECURRENT")
                        + "); compute it with methods of Activation, or with"
                        + " call(\"operator\", …)",
                refusal(new Recurrent(), 4, 3));
    }

    @Test
    void aLayerThatNoMethodUsesIsNamed() {
        Network network = new Network("Half") {
            final LinearImpl linear1 = linear("linear1", 3, 3);

            {
                linear("linear2", 3, 3);
            }

            @Override
            public Activation forward(Activation x) {
                return x.linear(linear1);
            }
        };
        assertEquals(
                "Half cannot be saved: no method uses linear2 through a method of Activation; use it so, or do not add it",
                refusal(network, 3));
    }

    @Test
    void theLineThatLeftTheTraceIsNamedAndNotTheLayersAfterIt() {
        Network network = new Network("Tailed") {
            final LinearImpl linear1 = linear("linear1", 3, 3);
            final LinearImpl linear2 = linear("linear2", 3, 3);

            @Override
            public Activation forward(Activation x) {
                Activation h = x.linear(linear1);
                Activation gelu = Activation.of(torch.gelu(h.tensor())); // TAILED
                return gelu.linear(linear2);
            }
        };
        String message = refusal(network, 3);
        assertTrue(message.contains("(tensor() is called at TracerTest.java:" + lineOf("// TAILED") + ");"), message);
        assertFalse(message.contains("linear2"), message);
    }

    @Test
    void theLineThatUsesWhatIsNotInTheTraceIsNamed() {
        Tensor ones = torch.ones(2);
        Network constant = new Custom(x -> x.mul(Activation.of(ones))); // CONSTANT
        assertEquals(
                "Custom cannot be saved: the value at TracerTest.java:" + lineOf("// CONSTANT")
                        + " was not computed from the method's arguments; compute it with methods of Activation, or with"
                        + " call(\"operator\", …), or make it a buffer",
                refusal(constant, 2));
        LinearImpl forgotten = new LinearImpl(2, 2);
        Network unregistered = new Custom(x -> x.linear(forgotten)); // FORGOTTEN
        assertEquals(
                "Custom cannot be saved: the layer or tensor at TracerTest.java:" + lineOf("// FORGOTTEN")
                        + " was not registered; add it with a method of Network such as linear or buffer, or with"
                        + " register_module",
                refusal(unregistered, 2));
    }

    /** Returns the number of the only line of this file that ends in a comment. */
    private static int lineOf(String comment) {
        try {
            List<String> lines = Files.readAllLines(Path.of("src/test/java/libtorch/nn/TracerTest.java"));
            for (int i = 0; i < lines.size(); i++) if (lines.get(i).endsWith("; " + comment)) return i + 1;
            throw new AssertionError(comment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aWeightMayBeTheFirstArgumentOfACall() {
        Network network = new Network("Weighted") {
            final Tensor scale = parameter("scale", torch.ones(3));

            @Override
            public Activation forward(Activation x) {
                return Activation.of(scale).mul(x).add(Activation.of(scale));
            }
        };
        MethodGraph graph = Tracer.trace(network, 3).get(0);
        assertEquals(
                new MethodGraph.State("scale"), graph.nodes().get(0).arguments().get("self"));
        assertEquals(
                new MethodGraph.State("scale"), graph.nodes().get(1).arguments().get("other"));
    }

    @Test
    void aPaddingThatIsNotANumberOfZerosIsNamed() {
        Conv2dOptions options = new Conv2dOptions(1, 1, new LongPointer(3, 3));
        options.padding_mode().put(new kReflect());
        Network network = new Network("Mirror") {
            final Conv2dImpl conv1 = register_module("conv1", new Conv2dImpl(options));

            @Override
            public Activation forward(Activation x) {
                return x.conv2d(conv1);
            }
        };
        assertTrue(refusal(network, 1, 5, 5).contains("the padding of conv1.weight is not a number of zeros"));
    }

    @Test
    void whatDependsOnTheNumberOfExamplesIsRefused() {
        Network squared = new Custom(x -> x.mul(x.size(0) * x.size(0)));
        assertTrue(refusal(squared, 2, 2)
                .contains("forward does something else with three examples than with seven, at mul.Tensor"));
        Network mixing = new Custom(x -> x.view(-1, 1).matmul(x.view(1, -1)).view(-1));
        assertTrue(
                refusal(mixing, 2, 2).contains("forward mixes examples: view_2 has a size of 144 with three examples"));
    }

    @Test
    void aSizeThatIsRoundedFromTheNumberOfExamplesIsNoConstant() {
        for (int divisor : new int[] {2, 4}) {
            Network half = new Custom(x -> x.slice(0, 0, x.size(0) / divisor));
            assertTrue(refusal(half, 2).contains("something else with three examples than with seven, at slice"));
        }
    }

    @Test
    void aSizeThatIsAMultipleOfTheNumberOfExamplesStaysFree() {
        Network network = new Custom(x -> x.view(2 * x.size(0), 1, 2).mul(x.size(0)));
        MethodGraph graph = Tracer.trace(network, 2, 2).get(0);
        MethodGraph.Node view = graph.nodes().get(0);
        assertEquals(List.of(new MethodGraph.Size(2), 1L, 2L), view.arguments().get("size"));
        assertEquals(List.of(2 * MethodGraph.BATCH, 1L, 2L), view.result().shape());
        assertEquals(new MethodGraph.Size(1), graph.nodes().get(1).arguments().get("other"));
    }

    @Test
    void moreOperatorsOrDimensionsWithMoreExamplesAreRefused() {
        Network more = new Custom(x -> x.tensor().size(0) > 3 ? x.tanh().tanh() : x.tanh());
        assertTrue(refusal(more, 4).contains("forward calls more operators with seven examples than with three"));
        Network deeper = new Custom(x -> x.tensor().size(0) > 3 ? x.view(-1, 4, 1) : x.view(-1, 4));
        String refusal = refusal(deeper, 4);
        assertTrue(refusal.contains("three examples") && refusal.contains("seven"), refusal);
    }

    @Test
    void tracingChangesNoRandomNumberAndNoWeight() {
        Mixed network = new Mixed();
        torch.manual_seed(5);
        double next = torch.rand(1).item_double();
        float[] mean = Tensors.floats(network.norm1.running_mean());
        torch.manual_seed(5);
        Tracer.trace(network, 2, 7, 7);
        assertEquals(next, torch.rand(1).item_double());
        org.junit.jupiter.api.Assertions.assertArrayEquals(mean, Tensors.floats(network.norm1.running_mean()));
    }
}
