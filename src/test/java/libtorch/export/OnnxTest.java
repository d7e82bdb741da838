package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Activation;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.SavedNetwork;
import libtorch.nn.Tracer;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import mnist.prob4.Cnn;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv1dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.ConvTranspose2dImpl;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxTest implements UsesLibTorch {
    @TempDir
    Path folder;

    /** Every operator that {@link Activation} has, with and without biases and factors. */
    private static final class Mixed extends Network {
        final Conv2dImpl conv1 = register_module("conv1", grouped());
        final BatchNorm2dImpl norm1 = register_module("norm1", new BatchNorm2dImpl(new BatchNormOptions(4)));
        final LinearImpl across = linear("across", 3, 3);
        final LinearImpl acrossWithoutBias = register_module("acrossWithoutBias", withoutBias(3, 3));
        final LinearImpl linear1 = register_module("linear1", withoutBias(4 * 3 * 3, 8));
        final BatchNorm1dImpl norm2 = register_module("norm2", new BatchNorm1dImpl(withoutFactors()));
        final Conv2dImpl conv2 = conv2d("conv2", 2, 1, /*kernel*/ 1, /*padding*/ 1);

        Mixed() {
            super("Mixed");
            eval();
        }

        private static Conv2dImpl grouped() {
            Conv2dOptions options = new Conv2dOptions(2, 4, new LongPointer(3, 2));
            options.stride().put(new LongPointer(2, 3));
            options.padding().put(new LongPointer(1, 2));
            options.dilation().put(new LongPointer(1, 3));
            options.groups().put(2);
            options.bias().put(false);
            return new Conv2dImpl(options);
        }

        private static LinearImpl withoutBias(long in, long out) {
            LinearOptions options = new LinearOptions(in, out);
            options.bias().put(false);
            return new LinearImpl(options);
        }

        private static BatchNormOptions withoutFactors() {
            BatchNormOptions options = new BatchNormOptions(8);
            options.affine().put(false);
            options.eps().put(0.1);
            return options;
        }

        Activation encode(Activation x) { // N×2×12×15
            return x.conv2d(conv1).batchNorm(norm1).maxPool2d(2).tanh(); // N×4×3×3
        }

        @Override
        public Activation forward(Activation x) {
            Activation h = encode(x).linear(across).linear(acrossWithoutBias); // N×4×3×3
            h = h.flatten().linear(linear1).batchNorm(norm2).view(-1, 2, 2, 2); // N×2×2×2
            h = h.add(h).upsample(3).relu().conv2d(conv2).sigmoid(); // N×1×8×8
            return h.logSoftmax(-1);
        }

        @Override
        public List<NetworkMethod> methods(Activation x) {
            return List.of(
                    NetworkMethod.of("forward", "x", x, this::forward),
                    NetworkMethod.of("encode", "x", x, this::encode));
        }
    }

    /** Two arguments, and an embedding that is the result too. */
    private static final class Sum extends Network {
        Sum() {
            super("Sum");
        }

        @Override
        public Activation forward(Activation x) {
            return x.add(x);
        }

        @Override
        public List<NetworkMethod> methods(Activation x) {
            List<String> names = List.of("a", "b");
            return List.of(
                    new NetworkMethod(
                            "forward",
                            names,
                            List.of(x, x),
                            v -> List.of(v.get(0).add(v.get(1)), v.get(1))),
                    new NetworkMethod(
                            "encode",
                            names,
                            List.of(x, x),
                            v -> List.of(v.get(0).add(v.get(1)))));
        }
    }

    static Stream<Arguments> networks() {
        long[] image = {1, 28, 28};
        return Stream.of(
                Arguments.of(new Cnn(), image, 1),
                Arguments.of(new Autoencoder(), image, 2),
                Arguments.of(new ConvAutoencoder(false), image, 2),
                Arguments.of(new ConvAutoencoder(true), image, 2),
                Arguments.of(new Mixed(), new long[] {2, 12, 15}, 2),
                Arguments.of(new Sum(), new long[] {5}, 3));
    }

    private static SavedNetwork program(Network network, long... shape) {
        return network.snapshot(Tracer.trace(network, shape));
    }

    /** Compares onnxruntime's answers with Java's, 2·10⁻⁶ relative, for several numbers of examples. */
    @ParameterizedTest
    @MethodSource("networks")
    void onnxruntimeAnswersWhatJavaAnswers(Network network, long[] shape, int outputs) throws Exception {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            network.train(true);
            for (int i = 0; i < 3; i++) network.forward(torch.randn(batch(8, shape))); // moves running statistics
            network.eval();
            SavedNetwork program = program(network, shape);
            Path file = folder.resolve("network.onnx");
            OnnxGraph.save(file, program, Map.of("run.json", "{}"));
            Map<String, Tensor> examples = new LinkedHashMap<>();
            for (int n : new int[] {1, 2, 7}) {
                Tensor x = torch.rand(batch(n, shape));
                List<Tensor> results = new ArrayList<>();
                for (NetworkMethod method : network.methods(Activation.of(x))) {
                    if (!List.of("forward", "encode").contains(method.name())) continue;
                    method.call().forEach(result -> results.add(result.tensor()));
                }
                assertEquals(outputs, results.size());
                examples.put("x" + n, x);
                for (int i = 0; i < outputs; i++) examples.put("y" + n + "_" + i, results.get(i));
            }
            StateDict.save(folder.resolve("examples.pth"), examples, Map.of());
        }
        String output = PythonRun.of(
                "import onnx, onnxruntime, torch", """
                import sys
                onnx.checker.check_model(sys.argv[1], full_check=True)
                model = onnx.load(sys.argv[1])
                assert [(p.key, p.value) for p in model.metadata_props] == [("run.json", "{}")]
                names = [v.name for v in model.graph.input]
                assert all(v.type.tensor_type.shape.dim[0].dim_param == "N" for v in model.graph.input)
                session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
                examples = torch.load(sys.argv[2], weights_only=True)
                for n in (1, 2, 7):
                    answers = session.run(None, {name: examples[f"x{n}"].numpy() for name in names})
                    for i, answer in enumerate(answers):
                        expected = examples[f"y{n}_{i}"]
                        assert tuple(answer.shape) == tuple(expected.shape), (answer.shape, expected.shape)
                        difference = (torch.tensor(answer) - expected).abs().max() / expected.abs().max()
                        assert difference <= 2e-6, (n, i, difference)
                print(*names, *(v.name for v in model.graph.output))
                """, folder.resolve("network.onnx"), folder.resolve("examples.pth"));
        assertEquals(
                network instanceof Sum
                        ? "a b output output_1 embedding\n"
                        : outputs == 1 ? "images output\n" : "images output embedding\n",
                output);
    }

    /** A network of many results. */
    private abstract static class Results extends Network {
        Results(String name) {
            super(name);
        }

        abstract List<Activation> results(Activation x);

        @Override
        public Activation forward(Activation x) {
            return results(x).get(0);
        }

        @Override
        public List<NetworkMethod> methods(Activation x) {
            return List.of(new NetworkMethod("forward", List.of("x"), List.of(x), v -> results(v.get(0))));
        }
    }

    /** Calls with masks of booleans, of images N×4×6×6 in 0..1. */
    private static final class Masks extends Results {
        private static final double INFINITY = Double.POSITIVE_INFINITY;
        final Tensor mask = buffer("mask", rows(new boolean[] {true, true, false, true, true, false}));
        final Tensor sees =
                buffer("sees", torch.eye(6).to(torch.ScalarType.Bool)); // but for one row, which sees nothing
        final Tensor bias = buffer("bias", torch.ones(6, 6));
        final Tensor numbers = buffer("numbers", Tensors.of(new long[] {0, 1, 0, 3, 4, 5}, 6));

        Masks() {
            super("Masks");
            try (NoGradGuard noGrad = new NoGradGuard()) {
                sees.select(0, 2).zero_();
                bias.select(0, 3).fill_(new Scalar(Double.NEGATIVE_INFINITY));
            }
        }

        private static Tensor rows(boolean... flags) {
            float[] numbers = new float[flags.length];
            for (int i = 0; i < flags.length; i++) numbers[i] = flags[i] ? 1 : 0;
            return Tensors.of(numbers, flags.length).to(torch.ScalarType.Bool);
        }

        @Override
        List<Activation> results(Activation x) {
            Activation large = x.call("gt.Scalar", "other", 0.5);
            Activation known = large.call("logical_and", "other", mask);
            return List.of(
                    x.call("masked_fill.Scalar", "mask", mask, "value", -INFINITY)
                            .softmax(-1),
                    x.call("masked_fill.Scalar", "mask", known, "value", -1),
                    x.call("where.self", "condition", mask, "self", x, "other", bias),
                    x.call("where.ScalarOther", "condition", known, "self", x, "other", 2),
                    x.call("where.self", "condition", large.call("bitwise_not"), "self", x, "other", numbers),
                    x.call("scaled_dot_product_attention", "key", x, "value", x, "attn_mask", sees),
                    x.call("scaled_dot_product_attention", "key", x, "value", x, "attn_mask", bias),
                    x.call("scaled_dot_product_attention", "key", x, "value", x, "attn_mask", large),
                    x.call("mul.Tensor", "other", mask),
                    x.mul(x.call("ne.Scalar", "other", 0.25).call("to.dtype", "dtype", torch.ScalarType.Float)),
                    x.add(large.call("logical_or", "other", mask).call("logical_not")),
                    x.mul(x.call("ge.Tensor", "other", numbers).call("logical_xor", "other", mask)),
                    x.add(x.call("lt.Tensor", "self", numbers, "other", x)),
                    x.call("masked_fill.Scalar", "mask", large, "value", Double.NaN),
                    x.call("clamp", "min", 0.5, "max", INFINITY),
                    x.call("tril"),
                    x.call("triu", "diagonal", -1));
        }
    }

    /** Calls whose sizes do not come out even, of images N×4×6×6 in 0..1. */
    private static final class Uneven extends Results {
        Uneven() {
            super("Uneven");
        }

        @Override
        List<Activation> results(Activation x) {
            List<Activation> results = new ArrayList<>();
            for (int padding : new int[] {0, 1}) {
                results.add(x.call("max_pool2d", "kernel_size", 3, "stride", 2, "padding", padding, "ceil_mode", true));
                results.add(x.call(
                        "max_pool2d",
                        "kernel_size",
                        2,
                        "stride",
                        4,
                        "padding",
                        padding,
                        "dilation",
                        2,
                        "ceil_mode",
                        true));
                for (boolean counted : new boolean[] {true, false})
                    for (long stride : new long[] {2, 3})
                        results.add(x.call(
                                "avg_pool2d",
                                "kernel_size",
                                List.of(3, 4),
                                "stride",
                                stride,
                                "padding",
                                padding,
                                "ceil_mode",
                                true,
                                "count_include_pad",
                                counted));
            }
            Activation rows = x.select(1, 0); // N×6×6
            results.add(rows.call("max_pool1d", "kernel_size", 4, "stride", 4, "ceil_mode", true));
            for (List<Double> factors : List.of(List.of(1.5, 2.5), List.of(1.7, 0.6), List.of(1.3, 1.9))) {
                results.add(x.call("upsample_nearest2d.vec", "output_size", null, "scale_factors", factors));
                for (String operator : List.of("upsample_bilinear2d.vec", "upsample_bicubic2d.vec"))
                    for (boolean corners : new boolean[] {true, false})
                        results.add(x.call(
                                operator, "output_size", null, "align_corners", corners, "scale_factors", factors));
            }
            for (List<Long> sizes : List.of(List.of(9L, 7L), List.of(4L, 12L), List.of(10L, 20L))) {
                results.add(x.call("upsample_nearest2d.vec", "output_size", sizes, "scale_factors", null));
                for (boolean corners : new boolean[] {true, false})
                    results.add(x.call(
                            "upsample_bilinear2d.vec",
                            "output_size",
                            sizes,
                            "align_corners",
                            corners,
                            "scale_factors",
                            null));
            }
            results.add(rows.call("upsample_nearest1d.vec", "output_size", List.of(10), "scale_factors", null));
            results.add(rows.call(
                    "upsample_linear1d.vec",
                    "output_size",
                    null,
                    "align_corners",
                    false,
                    "scale_factors",
                    List.of(1.5)));
            return results;
        }
    }

    /** Calls operators, one result after the other, of images N×4×6×6 in 0..1. */
    private static final class Many extends Results {
        final GroupNormImpl norm = groupNorm("norm", 2, 4);
        final LayerNormImpl layerNorm = layerNorm("layerNorm", 6, 6);
        final ConvTranspose2dImpl up = convTranspose2d(
                "up", 4, 6, kernel(3, 2).stride(2).padding(1).outputPadding(1).groups(2));
        final Conv1dImpl conv = conv1d("conv", 4, 2, kernel(3).dilation(2).padding(1));
        final LSTMImpl lstm = lstm("lstm", 6, 3, /*layers*/ 2, /*bidirectional*/ false);
        final GRUImpl gru = gru("gru", 6, 3, /*layers*/ 2, /*bidirectional*/ true);
        final Tensor shift = parameter("shift", torch.rand(6));

        Many() {
            super("Many");
        }

        @Override
        List<Activation> results(Activation x) {
            Activation rows = x.select(1, -1); // N×6×6
            Activation positive = x.add(1);
            return Stream.of(
                            Stream.of(x.groupNorm(norm), x.layerNorm(layerNorm), x.convTranspose2d(up)),
                            Stream.of(x.flatten().view(-1, 4, 36).conv1d(conv)),
                            rows.lstm(lstm).stream(),
                            rows.gru(gru).stream(),
                            Stream.of(x.gelu(), x.call("gelu", "approximate", "tanh"), x.silu(), x.softmax(1)),
                            Stream.of(x.sub(0.5).call("leaky_relu"), x.sub(0.5).call("elu"), x.call("hardswish")),
                            Stream.of(x.call("softplus"), x.call("clamp", "min", 0.2, "max", 0.5)),
                            Stream.of(
                                    x.call("clamp.Tensor", "min", x.mul(0.5), "max", shift),
                                    x.call("clamp.Tensor", "min", shift),
                                    x.call("clamp.Tensor", "max", shift)),
                            Stream.of(positive.call("rsqrt"), positive.call("log"), positive.call("erf")),
                            Stream.of(
                                    x.mul(2).add(shift).div(positive), x.mul(x).sub(shift), x.div(x.size(0))),
                            Stream.of(x.call("pow.Tensor_Scalar", "exponent", 3), x.call("square")),
                            Stream.of(
                                    x.matmul(x.transpose(2, 3)),
                                    x.permute(0, 2, 3, 1),
                                    x.call("maximum", "other", shift)),
                            Stream.of(
                                    x.mean(-1),
                                    x.call("sum.dim_IntList", "dim", 1, "keepdim", true),
                                    x.call("amax", "dim", -1)),
                            Stream.of(x.pad(0.5, 1, 2, 3, 0), x.slice(2, 1, 5), x.slice(3, -2, Long.MAX_VALUE)),
                            Stream.of(Activation.cat(1, x, positive), x.call("stack", "tensors", List.of(x, positive))),
                            x.split(4, 2).stream(),
                            x.callMany("unbind.int", "dim", 1).stream(),
                            x.callMany("chunk", "chunks", 2, "dim", 1).stream(),
                            Stream.of(x.reshape(2 * x.size(0), -1), x.view(x.size(0), 1, 24, 6)),
                            Stream.of(
                                    x.avgPool2d(2),
                                    x.adaptiveAvgPool2d(1, 1),
                                    x.adaptiveAvgPool2d(3, 2),
                                    x.maxPool2d(3, 2, 1)),
                            Stream.of(x.call("avg_pool2d", "kernel_size", 3, "padding", 1, "count_include_pad", false)),
                            Stream.of(
                                    x.scaledDotProductAttention(x, positive, true),
                                    rows.scaledDotProductAttention(rows, rows, false)),
                            Stream.of(
                                    x.upsample(2),
                                    x.call(
                                            "upsample_bilinear2d.vec",
                                            "output_size",
                                            null,
                                            "align_corners",
                                            false,
                                            "scale_factors",
                                            List.of(2, 2))),
                            Stream.of(
                                    x.call("pixel_shuffle", "upscale_factor", 2),
                                    x.call("expand", "size", List.of(x.size(0), 4, 6, 6))),
                            Stream.of(x.call(
                                    "where.self",
                                    "condition",
                                    x.call("gt.Scalar", "other", 0.5),
                                    "self",
                                    x,
                                    "other",
                                    shift)),
                            Stream.of(x.call(
                                    "masked_fill.Scalar", "mask", x.call("lt.Scalar", "other", 0.5), "value", -1)),
                            Stream.of(x.call("new_ones", "size", List.of(x.size(0), 2)), x.call("unsqueeze", "dim", 1)))
                    .flatMap(each -> each)
                    .toList();
        }
    }

    static Stream<Results> operators() {
        return Stream.of(new Many(), new Masks(), new Uneven());
    }

    @ParameterizedTest
    @MethodSource("operators")
    void everyOperatorThatHasACounterpartAnswersInOnnxruntimeAndInPythonsProgramsWhatItAnswers(Results network)
            throws Exception {
        network.eval();
        int outputs;
        try (NoGradGuard noGrad = new NoGradGuard()) {
            Tensor x = torch.rand(3, 4, 6, 6);
            SavedNetwork program = program(network, 4, 6, 6);
            OnnxGraph.save(folder.resolve("many.onnx"), program, Map.of());
            TorchScript.save(folder.resolve("many.pt"), program, Map.of(), new Verification(network, x));
            ExportWriter.save(folder.resolve("many.pt2"), program, Map.of(), new Verification(network, x));
            Map<String, Tensor> examples = new LinkedHashMap<>(Map.of("x", x));
            List<Activation> results = network.results(Activation.of(x));
            outputs = results.size();
            for (int i = 0; i < outputs; i++)
                examples.put("y" + i, results.get(i).tensor().contiguous());
            StateDict.save(folder.resolve("examples.pth"), examples, Map.of());
        }
        String output = PythonRun.of("import onnx, onnxruntime, torch", """
                import sys
                folder = sys.argv[1]
                examples = torch.load(folder + "/examples.pth", weights_only=True)
                x = examples["x"]
                onnx.checker.check_model(folder + "/many.onnx", full_check=True)
                session = onnxruntime.InferenceSession(folder + "/many.onnx", providers=["CPUExecutionProvider"])
                with torch.no_grad():
                    answers = {
                        "onnx": [torch.tensor(y) for y in session.run(None, {"images": x.numpy()})],
                        "pt": torch.jit.load(folder + "/many.pt")(x),
                        "pt2": torch.export.load(folder + "/many.pt2").module()(x)}
                for name, results in answers.items():
                    for i, answer in enumerate(results):
                        expected = examples[f"y{i}"]
                        assert answer.shape == expected.shape, (name, i, answer.shape, expected.shape)
                        finite = expected.isfinite()
                        assert torch.equal(answer[~finite].nan_to_num(7), expected[~finite].nan_to_num(7)), (name, i)
                        difference = (answer - expected)[finite].abs().max() / expected[finite].abs().max()
                        assert difference <= 2e-6, (name, i, difference)
                    print(name, len(results))
                """, folder);
        assertEquals(String.format("onnx %d%npt %d%npt2 %d%n", outputs, outputs, outputs), output);
    }

    private static long[] batch(long n, long... shape) {
        long[] sizes = new long[shape.length + 1];
        sizes[0] = n;
        System.arraycopy(shape, 0, sizes, 1, shape.length);
        return sizes;
    }

    /** Counts nodes by their operators, which the format has as text after a tag and a length. */
    private static long count(byte[] model, String operator) {
        String text = new String(model, StandardCharsets.ISO_8859_1);
        return Pattern.compile(Pattern.quote("\"" + (char) operator.length() + operator))
                .matcher(text)
                .results()
                .count();
    }

    @Test
    void theEncoderIsInTheFileOnceAndTheSameProgramGivesTheSameBytes() throws IOException {
        Path file = folder.resolve("cae.onnx");
        SavedNetwork program = program(new ConvAutoencoder(true), 1, 28, 28);
        OnnxGraph.save(file, program, Map.of("run.json", "{}", "other", "text"));
        byte[] model = Files.readAllBytes(file);
        assertEquals(4, count(model, "Conv"));
        assertEquals(4, count(model, "Gemm"));
        assertEquals(2, count(model, "MaxPool"));
        assertEquals(2, count(model, "Resize"));
        assertEquals(2, count(model, "Identity"));
        OnnxGraph.save(file, program, Map.of("other", "text", "run.json", "{}"));
        assertArrayEquals(model, Files.readAllBytes(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "erfinv       | p           | tanh | erfinv",
                "gelu         | approximate | sign | gelu with the approximate sign",
                "batch_norm   | training    | true | batch_norm with the training true",
                "avg_pool2d   | divisor_override | 2 | avg_pool2d with the divisor_override 2",
                "bitwise_not  | p           | 2    | bitwise_not of numbers",
                "add.Tensor   | alpha       | 2    | add.Tensor with the alpha 2",
            })
    void whatHasNoCounterpartIsRefusedByName(String operator, String argument, String value, String named) {
        Object parsed = value.equals("true") ? (Object) true : value.equals("2") ? (Object) 2L : value;
        MethodGraph.Symbol x = new MethodGraph.Symbol("x", ScalarType.Float, List.of(MethodGraph.BATCH, 4L));
        Map<String, Object> arguments =
                Map.of("self", new MethodGraph.Ref("x"), "input", new MethodGraph.Ref("x"), argument, parsed);
        MethodGraph.Symbol y = new MethodGraph.Symbol("y", ScalarType.Float, x.shape());
        MethodGraph.Node node = new MethodGraph.Node(operator, arguments, List.of(y));
        MethodGraph forward = new MethodGraph("forward", List.of(x), List.of(node), List.of("y"), false);
        SavedNetwork program = new SavedNetwork("Mine", List.of(forward), Map.of(), Map.of());
        LibTorchException error = assertThrows(
                LibTorchException.class, () -> OnnxGraph.save(folder.resolve("mine.onnx"), program, Map.of()));
        assertTrue(error.getMessage().contains("the operator " + named + " is not supported"), error.getMessage());
    }

    @Test
    void anLstmWithAProjectionIsRefusedAsOnnxAndSavedAsTorchScript() {
        Network network = new Network("Projected") {
            final Tensor ih = parameter("ih", torch.rand(12, 4));
            final Tensor hh = parameter("hh", torch.rand(12, 2));
            final Tensor hr = parameter("hr", torch.rand(2, 3));

            @Override
            public Activation forward(Activation x) { // N×5×4
                Activation h = x.call("new_zeros", "size", List.of(1, x.size(0), 2));
                Activation c = x.call("new_zeros", "size", List.of(1, x.size(0), 3));
                Object[] sizes = {"hx", List.of(h, c), "params", List.of(ih, hh, hr), "num_layers", 1, "dropout", 0.0};
                Object[] flags = {"has_biases", false, "train", false, "bidirectional", false, "batch_first", true};
                return x.callMany(
                                "lstm.input",
                                Stream.of(sizes, flags).flatMap(Stream::of).toArray())
                        .get(0);
            }
        };
        Tensor x = torch.rand(3, 5, 4);
        Networks.save(network, x, folder.resolve("projected.pt")); // where the answers are compared
        LibTorchException error = assertThrows(
                LibTorchException.class, () -> Networks.save(network, x, folder.resolve("projected.onnx")));
        assertTrue(error.getMessage().contains("lstm.input with a projection is not supported"), error.getMessage());
    }

    @Test
    void whatOnnxCannotExpressIsSavedInTheOtherFormats() {
        Network network = new Network("Inverse") {
            @Override
            public Activation forward(Activation x) {
                return x.call("erfinv");
            }
        };
        Tensor examples = torch.rand(3, 4);
        for (String format : Format.names()) {
            Path file = folder.resolve("inverse." + format);
            if (format.equals("onnx"))
                assertThrows(LibTorchException.class, () -> Networks.save(network, examples, file));
            else Networks.save(network, examples, file);
            assertEquals(!format.equals("onnx"), Files.exists(file));
        }
    }
}
