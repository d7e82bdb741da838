package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import libtorch.data.Examples;
import libtorch.export.Model;
import libtorch.export.Networks;
import libtorch.export.Program;
import libtorch.export.Safetensors;
import libtorch.nn.Activation;
import libtorch.nn.LayerSummary;
import libtorch.nn.Network;
import libtorch.training.Evaluation;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The mistakes of somebody new to the library: each is an exception of a line that names it, and none is a crash. */
@SuppressWarnings("UnusedVariable") // fields that hold a layer, as a network's do
class MisuseTest implements UsesLibTorch {
    private static void refused(String message, Executable mistake) {
        RuntimeException error = assertThrows(RuntimeException.class, mistake, message);
        String text = String.valueOf(error.getMessage());
        assertTrue(text.contains(message), text);
        assertTrue(text.length() < 300 && text.lines().count() == 1, text);
    }

    /** A network of one linear layer, 3 to 3, and a function. */
    private static class Small extends Network {
        final LinearImpl dense = linear("dense", 3, 3);
        private final Function<Activation, Activation> body;

        Small(Function<Activation, Activation> body) {
            super("Small");
            this.body = body;
        }

        Small() {
            this(x -> x);
        }

        @Override
        public Activation forward(Activation x) {
            return body.apply(x.linear(dense));
        }
    }

    @Test
    void aGpuThatIsNotThereIsSaidToBeMissing() {
        assumeFalse(torch.cuda_is_available());
        Device gpu = new Device("cuda");
        List<Executable> mistakes = List.of(
                () -> Model.open(Path.of("saved/mnist_cnn.pt2"), gpu),
                () -> Model.open(Path.of("saved/mnist_cnn.pt"), gpu),
                () -> Program.open(Path.of("saved/mnist_cnn.pt2"), gpu),
                () -> Trainer.of(
                        task(Small::new, Examples.of(ones(4, 3), ones(4, 3)), torch::mse_loss), gpu, ScalarType.Float));
        for (Executable mistake : mistakes) {
            assertThrows(DeviceException.class, mistake);
            refused("compute on the CPU", mistake);
        }
    }

    /** A network of one layer, of which a test chooses the settings. */
    private abstract static class Layer extends Network {
        Layer() {
            super("Layer");
        }

        static Layer embedding(long count) {
            return new Layer() {
                final EmbeddingImpl layer = embedding("layer", count, 2);

                @Override
                public Activation forward(Activation x) {
                    return x.embedding(layer);
                }
            };
        }

        static Layer conv(long in, long size, long stride, long groups) {
            return new Layer() {
                final Conv2dImpl layer =
                        conv2d("layer", in, 2, kernel(size).stride(stride).groups(groups));

                @Override
                public Activation forward(Activation x) {
                    return x.conv2d(layer);
                }
            };
        }

        static Layer lstm(long hidden, long layers) {
            return new Layer() {
                final LSTMImpl layer = lstm("layer", 3, hidden, layers, false);

                @Override
                public Activation forward(Activation x) {
                    return x.lstm(layer).get(0);
                }
            };
        }

        static Layer groupNorm(long groups) {
            return new Layer() {
                final GroupNormImpl layer = groupNorm("layer", groups, 4);

                @Override
                public Activation forward(Activation x) {
                    return x.groupNorm(layer);
                }
            };
        }
    }

    private static Tensor ones(long... shape) {
        return torch.ones(shape);
    }

    @Test
    void sizesThatALayerCannotHaveNameTheLayer() {
        refused("layer layer: Trying to create tensor with negative dimension -1", () -> Layer.embedding(-1));
        refused("layer layer: in_channels, groups and out_channels must be", () -> Layer.conv(-1, 3, 1, 1));
        refused("layer layer: in_channels, groups and out_channels must be", () -> Layer.conv(2, 3, 1, 0));
        refused("layer layer: in_channels must be divisible by groups", () -> Layer.conv(4, 3, 1, 3));
        refused("a kernel cannot have sizes of [0]", () -> Layer.conv(1, 0, 1, 1));
        refused("layer layer: num_layers must be greater than zero", () -> Layer.lstm(4, 0));
        refused("layer layer: hidden_size must be greater than zero", () -> Layer.lstm(-4, 1));
        refused("layer part: dropout probability has to be between 0 and 1", () -> new Small() {
            final DropoutImpl part = dropout("part", 2);
        });
        refused("layer dense: Submodule 'dense' already defined", () -> new Small() {
            final LinearImpl second = linear("dense", 3, 3);
        });
    }

    @Test
    void inputsOfAWrongShapeOrTypeAreALine() {
        refused(
                "Layer: index out of range in self",
                () -> Layer.embedding(3).forward(Tensors.of(new long[] {0, 5}, 2)));
        refused(
                "Layer: Expected tensor for argument #1 'indices' to have one of the following scalar types: Long",
                () -> Layer.embedding(3).forward(ones(2)));
        refused(
                "Layer: non-positive stride is not supported",
                () -> Layer.conv(1, 3, 0, 1).forward(ones(1, 1, 8, 8)));
        refused(
                "Kernel size: (3 x 3). Kernel size can't be greater",
                () -> Layer.conv(1, 3, 1, 1).forward(ones(1, 1, 2, 2)));
        refused(
                "its input and its two states have three dimensions",
                () -> Layer.lstm(4, 1).forward(ones(5, 3)));
        refused(
                "its weights and states do not fit its input",
                () -> Layer.lstm(4, 1).forward(ones(2, 5, 2)));
        refused(
                "Layer: Expected num groups to be greater than 0",
                () -> Layer.groupNorm(0).forward(ones(1, 4, 2)));
        refused(
                "Small: mat1 and mat2 shapes cannot be multiplied (4x2 and 3x3)",
                () -> new Small().forward(ones(4, 2)));
        refused(
                "Small: mat1 and mat2 must have the same dtype, but got Long and Float",
                () -> new Small().forward(Tensors.of(new long[3], 1, 3)));
        refused("Small: Expected a proper Tensor but got None", () -> new Small().forward(new Tensor()));
        refused("\"tensor\" is null", () -> new Small().forward((Tensor) null));
    }

    @Test
    void wrongArgumentsOfAnOperatorAreALine() {
        Map<String, Function<Activation, Activation>> mistakes = Map.ofEntries(
                Map.entry("stride should not be zero", x -> x.view(1, 1, 3, 4).maxPool2d(0)),
                Map.entry(
                        "pad should be at most half of effective kernel size",
                        x -> x.view(1, 1, 3, 4).maxPool2d(2, 2, 7)),
                Map.entry(
                        "elements of output_size must be greater",
                        x -> x.view(1, 1, 3, 4).adaptiveAvgPool2d(0, -1)),
                Map.entry(
                        "Input and output sizes should be greater than 0",
                        x -> x.view(1, 1, 3, 4).upsample(-1)),
                Map.entry("shape '[5]' is invalid for input of size 12", x -> x.view(5)),
                Map.entry("invalid shape dimension -2", x -> x.view(-2)),
                Map.entry("split_size can only be 0", x -> x.split(0, 0).get(0)),
                Map.entry("index 9 out of range for tensor of size [4, 3]", x -> x.select(0, 9)),
                Map.entry("Length of pad must be even", x -> x.pad(0, 1)),
                Map.entry("duplicate dims are not allowed", x -> x.permute(0, 0)),
                Map.entry("Dimension out of range", x -> x.mul(x.size(7))),
                Map.entry("negative dimension -1: [-1]", x -> x.call("new_zeros", "size", List.of(-1))),
                Map.entry("can't allocate memory", x -> x.call("new_zeros", "size", List.of(1L << 50))),
                Map.entry(
                        "index out of range in self",
                        x -> x.call("index_select", "dim", 0, "index", Activation.of(Tensors.of(new long[] {77}, 1)))));
        mistakes.forEach((message, body) -> refused(message, () -> new Small(body).forward(ones(4, 3))));
    }

    @Test
    void whatWasFreedWithItsScopeIsNamed(@TempDir Path folder) {
        Path exported = folder.resolve("small.pt2");
        Path script = folder.resolve("small.pt");
        Path weights = folder.resolve("small.safetensors");
        Tensor input = ones(4, 3);
        Network network;
        Program program;
        Tensor tensor;
        Examples examples;
        Examples freedTargets;
        Trainer<Small> trainer;
        try (PointerScope scope = new PointerScope()) {
            network = new Small();
            for (Path file : List.of(exported, script, weights)) Networks.save(network, input, file);
            program = Program.open(exported);
            tensor = ones(4, 3);
            examples = Examples.of(tensor, tensor);
            freedTargets = Examples.of(input, tensor);
            trainer = Trainer.of(task(Small::new, examples, torch::mse_loss));
        }
        Model model = Model.open(exported);
        Model scripted = Model.open(script);
        Program open = Program.open(exported);
        List<Executable> ofNetworks = List.of(
                () -> network.forward(input),
                trainer::fit,
                trainer::testLoss,
                network::state,
                network::device,
                () -> Networks.save(network, input, folder.resolve("again.pt2")),
                () -> Networks.save(network, input, weights),
                () -> Safetensors.load(weights, network),
                () -> program.forward(input),
                () -> program.call("forward", input),
                () -> program.freeze("dense*"),
                program::state,
                () -> program.save(exported),
                () -> program.save(weights));
        List<Executable> ofTensors = List.of(
                () -> new Small().forward(tensor),
                () -> Tensors.floats(tensor),
                () -> train(examples, torch::mse_loss),
                () -> train(freedTargets, torch::mse_loss),
                () -> Examples.of(tensor, input),
                () -> Examples.of(input, tensor),
                () -> open.call("forward", tensor),
                () -> model.call("forward", tensor),
                () -> scripted.call("forward", tensor),
                () -> Networks.save(new Small(), tensor, exported));
        for (Executable use : ofNetworks)
            assertEquals(
                    "the network was freed with the PointerScope it was made in",
                    assertThrows(IllegalStateException.class, use).getMessage());
        for (Executable use : ofTensors)
            assertEquals(
                    "the tensor was freed with the PointerScope it was made in",
                    assertThrows(IllegalStateException.class, use).getMessage());
        assertEquals(9, model.call(new float[9], 3, 3).length, "it goes on");
        model.close();
        scripted.close();
    }

    @Test
    void aModelThatIsClosedSaysSo(@TempDir Path folder) {
        Path file = folder.resolve("small.pt2");
        Networks.save(new Small(), ones(4, 3), file);
        Model model = Model.open(file);
        model.close();
        refused("model small.pt2 is closed", () -> model.call(new float[3], 1, 3));
    }

    @Test
    void tensorsThatHaveNoSuchJavaValuesAreRefused() {
        refused("the tensor is undefined", () -> Tensors.floats(new Tensor()));
        refused("a scalar has no rows", () -> Tensors.rows(Tensors.of(new float[1])));
        refused("\"values\" is null", () -> Tensors.of((float[]) null, 3));
        refused("threads must be at least 1, not 0", () -> LibTorch.load(0));
    }

    @Test
    void weightsOfAnotherShapeAreNotBroadcast() {
        refused(
                "weight dense.weight is of shape [1], not [3, 3]",
                () -> new Small().load(Map.of("dense.weight", ones(1), "dense.bias", ones(3))));
        refused("there is no weight dense.weight", () -> new Small().load(Map.of()));
    }

    @Test
    void examplesThatCannotBeSavedOrSummarisedAreRefused(@TempDir Path folder) {
        Tensor scalar = Tensors.of(new float[1]);
        refused("an example has no dimension", () -> Networks.save(new Small(), scalar, folder.resolve("a.pt2")));
        refused("an example has no dimension", () -> LayerSummary.of(new Small(), scalar));
        refused("an input cannot be of shape [-3]", () -> LayerSummary.of(new Small(), -3));
        refused("mat1 and mat2 shapes cannot be multiplied (3x4 and 3x3)", () -> LayerSummary.of(new Small(), 4));
    }

    // Training

    private static <N extends Network> Task<N> task(
            java.util.function.Supplier<N> network, Examples examples, BinaryOperator<Tensor> loss) {
        return Task.of("small", network, Optimizers.sgd(0.1, 0, 0), loss, examples, examples)
                .withEpochs(1);
    }

    private static void train(Examples examples, BinaryOperator<Tensor> loss) {
        Trainer.of(task(Small::new, examples, loss)).fit();
    }

    private static Examples examples() {
        return Examples.of(ones(4, 3), ones(4, 3));
    }

    @Test
    void settingsThatTrainNothingAreRefused() {
        refused("a learning rate of NaN", () -> Optimizers.sgd(Double.NaN, 0, 0));
        refused("a learning rate of -1.0", () -> Optimizers.adam(-1));
        refused("a weight decay of Infinity", () -> Optimizers.adamW(1, Double.POSITIVE_INFINITY));
        Task<Small> task = task(Small::new, examples(), torch::mse_loss);
        refused("small cannot have batches of 0", () -> task.withBatchSize(0));
        refused("small cannot be trained for -1 epochs", () -> task.withEpochs(-1));
        refused("small has no training examples", () -> train(Examples.of(ones(0, 3), ones(0, 3)), torch::mse_loss));
        refused("\"network\" is null", () -> Trainer.of(task(() -> null, examples(), torch::mse_loss)));
        refused("small has no parameters to train", () -> {
            Small frozen = new Small();
            frozen.dense.weight().set_requires_grad(false);
            frozen.dense.bias().set_requires_grad(false);
            Trainer.of(task(() -> frozen, examples(), torch::mse_loss));
        });
    }

    @Test
    void examplesThatDoNotBelongTogetherAreRefused() {
        refused("inputs and targets have a first dimension", () -> Examples.of(Tensors.of(new float[1]), ones(1)));
        refused("4 inputs and 3 targets", () -> Examples.of(ones(4, 3), ones(3)));
        refused("\"tensor\" is null", () -> Examples.of(ones(4, 3), null));
        refused("Range [2, 2 + 9) out of bounds for length 4", () -> examples().narrow(2, 9));
        refused(
                "Index 9 out of bounds for length 4",
                () -> new Evaluation(null, examples(), new Device("cpu")).batchOf(9));
    }

    @Test
    void aStepThatFailsSaysWhichAndWhy() {
        String step = "training failed at step 1 of epoch 1 (";
        BinaryOperator<Tensor> nll = (x, y) -> torch.nll_loss(x.log_softmax(1), y);
        Tensor x = ones(4, 3);
        refused(
                step + "Target 3 is out of bounds.)",
                () -> train(Examples.of(x, Tensors.of(new long[] {0, 1, 2, 3}, 4)), nll));
        refused(
                step + "Target -1 is out of bounds.)",
                () -> train(Examples.of(x, Tensors.of(new long[] {0, 1, 2, -1}, 4)), nll));
        refused(step + "expected scalar type Long but found Float)", () -> train(Examples.of(x, ones(4)), nll));
        refused(
                step + "Found dtype Double but expected Float)",
                () -> train(Examples.of(x, Tensors.of(new double[12], 4, 3)), torch::mse_loss));
        refused(
                step + "Small: mat1 and mat2 shapes cannot be multiplied (4x2 and 3x3))",
                () -> train(Examples.of(ones(4, 2), x), torch::mse_loss));
        refused(
                step + "The size of tensor a (3) must match the size of tensor b (2)",
                () -> train(Examples.of(x, ones(4, 2)), torch::mse_loss));
        refused(
                step + "grad can be implicitly created only for scalar outputs)",
                () -> train(examples(), (output, target) -> output.sub(target)));
        refused("\"loss\" is null", () -> train(examples(), (output, target) -> null));
        refused("\"batch\" is null", () -> train(Examples.of(4, indices -> null), torch::mse_loss));
    }

    /** Has layers that were not registered: one, in a list, or in a block. */
    private static final class Forgetful extends Small {
        final List<LinearImpl> heads;
        final Small block;

        Forgetful(boolean inList) {
            heads = inList ? List.of(new LinearImpl(3, 3)) : List.of(linear("head", 3, 3));
            block = block("block", new Small() {
                final DropoutImpl drop = inList ? dropout("drop", 0.5) : new DropoutImpl(0.5);
            });
        }
    }

    @Test
    void aLayerThatWasNotRegisteredIsRefusedBeforeTheFirstStep() {
        String remedy = " was not registered; add it with a method of Network such as linear or block, or with"
                + " register_module";
        refused(
                "layer heads" + remedy,
                () -> Trainer.of(task(() -> new Forgetful(true), examples(), torch::mse_loss))
                        .fit());
        refused(
                "layer drop" + remedy,
                () -> Trainer.of(task(() -> new Forgetful(false), examples(), torch::mse_loss))
                        .fit());
        refused(
                "layer only" + remedy,
                () -> Trainer.of(task(
                        () -> new Network("Only") {
                            final LinearImpl only = new LinearImpl(3, 3);

                            @Override
                            public Activation forward(Activation x) {
                                return x.linear(only);
                            }
                        },
                        examples(),
                        torch::mse_loss)));
        refused("layer heads" + remedy, () -> {
            Small network = new Small() {
                final LinearImpl[] heads = {new LinearImpl(3, 3)};
            };
            network.requireRegistered();
        });
        refused("layer heads" + remedy, () -> {
            Small network = new Small() {
                final Map<String, LinearImpl> heads = Map.of("price", new LinearImpl(3, 3));
            };
            network.requireRegistered();
        });
        Small whole = new Small();
        whole.requireRegistered();
        assertTrue(whole.is_training());
    }

    @Test
    void aNetworkIsSavedInEvalModeAndGoesOnInItsOwn(@TempDir Path folder) {
        Small network = new Small() {
            final DropoutImpl drop = dropout("drop", 0.5);

            @Override
            public Activation forward(Activation x) {
                return super.forward(x).dropout(drop);
            }
        };
        assertTrue(network.is_training());
        for (String name : List.of("net.pt", "net.pt2")) {
            Networks.save(network, ones(4, 3), folder.resolve(name));
            assertTrue(network.is_training());
            try (Model model = Model.open(folder.resolve(name))) {
                network.eval();
                float[] expected = Tensors.floats(network.forward(ones(1, 3)));
                network.train(true);
                for (int i = 0; i < 5; i++) // with dropout, some of these would have zeros
                assertFalse(java.util.Arrays.mismatch(expected, model.call(new float[] {1, 1, 1}, 1, 3)) >= 0);
            }
        }
        assertEquals("Small", network.name().getString());
    }
}
