package mnist;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.export.Model;
import libtorch.export.ModelInput;
import libtorch.export.OtherNetworkException;
import libtorch.export.Safetensors;
import libtorch.export.StateDict;
import libtorch.export.TorchScript;
import libtorch.nn.Network;
import libtorch.training.Evaluation;
import mnist.data.ImageSet;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Encoder;
import mnist.evaluation.ImageErrors;
import mnist.run.DeviceOptions;
import mnist.run.MnistOptions;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a saved model on the test set, whether Java or Python saved it. */
@Command(name = "eval", description = "Measures a saved model on the test set, whether Java or Python saved it.")
final class EvalCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            description = "TorchScript (.pt), an exported program (.pt2), or weights (.safetensors, .pth). "
                    + "A .pt file is code, which runs: open only what you trust.")
    private Path file;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            converter = Models.class,
            completionCandidates = Models.class,
            description =
                    "Network of a .safetensors or .pth file: ${COMPLETION-CANDIDATES} (default: after the file's name).")
    private String model;

    @Option(
            names = "--noise",
            paramLabel = "X",
            description =
                    "Standard deviation of noise on the images (default: as in the record inside the file, else 0).")
    private Double noise;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the noise (default: as in the record inside the file, else 1).")
    private Long seed;

    @Spec
    private CommandSpec command;

    @Mixin
    private final DeviceOptions options = new DeviceOptions();

    @Mixin
    private final MnistOptions mnist = new MnistOptions();

    @Override
    public Integer call() {
        options.validate();
        mnist.validate();
        options.require(noise == null || (noise >= 0 && Double.isFinite(noise)), "--noise", noise, "0 or more");
        boolean weights = suffix().equals(Safetensors.SUFFIX) || suffix().equals(StateDict.SUFFIX);
        if (model != null && !weights)
            throw new ParameterException(
                    command.commandLine(), "--model is for .safetensors and .pth files; others carry their network");
        if (!Files.isRegularFile(file))
            throw new UserError("there is no file " + file, "name a .pt, .pt2, .safetensors or .pth file");
        LibTorch.load(options.threads);
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Device target = LibTorch.device(options.device);
            try (Opened opened = weights ? openWeights(target) : openModel(target)) {
                measure(opened, mnist.loadTest(target).test(), target);
            }
        }
        return 0;
    }

    /**
     * A model opened from a file of any format.
     *
     * @param encode null if the model has no embedding
     * @param record the run's record; empty if the file has none
     * @param model null if the file has only weights
     */
    private record Opened(UnaryOperator<Tensor> forward, UnaryOperator<Tensor> encode, JsonObject record, Model model)
            implements AutoCloseable {
        private double option(String name, double otherwise) {
            JsonObject options = record.has("options") ? record.getAsJsonObject("options") : record;
            return options.has(name) ? options.get(name).getAsDouble() : otherwise;
        }

        @Override
        public void close() {
            if (model != null) model.close();
        }
    }

    private Opened openModel(Device target) {
        Model loaded = Model.open(file, target).eval();
        UnaryOperator<Tensor> encode = loaded.has("encode") ? method(loaded, "encode") : null;
        return new Opened(
                method(loaded, "forward"), encode, record(loaded.description().record()), loaded);
    }

    /** Calls a method in batches of sizes that it accepts. */
    private static UnaryOperator<Tensor> method(Model loaded, String name) {
        List<ModelInput> inputs = loaded.has(name) ? loaded.inputs(name) : List.of();
        UnaryOperator<Tensor> method = images -> loaded.call(name, images);
        return inputs.size() == 1 ? images -> inputs.get(0).inBatches(images, method) : method;
    }

    private Opened openWeights(Device target) {
        String named = file.getFileName().toString().replace(suffix(), "");
        Supplier<Network> known = Models.NETWORKS.get(model != null ? model : named);
        if (known == null) throw new UserError(file + " does not say which network it is of", "add --model");
        Network network = known.get();
        Map<String, String> texts = load(network);
        network.to(target, false);
        network.eval();
        UnaryOperator<Tensor> encode = network instanceof Encoder encoder ? x -> encoder.encode(x) : null;
        return new Opened(network::forward, encode, record(texts.getOrDefault(TorchScript.RECORD, "")), null);
    }

    private Map<String, String> load(Network network) {
        try {
            return suffix().equals(StateDict.SUFFIX) ? StateDict.load(file, network) : Safetensors.load(file, network);
        } catch (OtherNetworkException e) {
            String which = model == null ? "which network it is of" : "another network than " + model;
            throw UserError.of(e, "name " + which + " with --model");
        }
    }

    /** Returns the file name's suffix, from its last dot on. */
    private String suffix() {
        String name = file.toString();
        return name.substring(Math.max(0, name.lastIndexOf('.')));
    }

    private JsonObject record(String json) {
        try {
            return json.isEmpty()
                    ? new JsonObject()
                    : JsonParser.parseString(json).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new UserError("the record inside " + file + " is not JSON", "save the model anew", e);
        }
    }

    private Tensor firstAnswer(Opened opened, ImageSet test) {
        try {
            return opened.forward.apply(test.images(0, 1));
        } catch (RuntimeException e) {
            throw new UserError(
                    file + " cannot be called with an image of 1×28×28 floats (" + LibTorch.firstLine(e) + ")",
                    "name a classifier or an autoencoder of such images",
                    e);
        }
    }

    private void measure(Opened opened, ImageSet test, Device target) {
        double deviation = noise != null ? noise : opened.option("noise", 0);
        String shape = Arrays.toString(firstAnswer(opened, test).shape());
        if (shape.equals("[1, 10]")) {
            if (noise != null)
                throw new ParameterException(
                        command.commandLine(), "--noise is for autoencoders, but " + file + " is a classifier");
            Evaluation evaluation = new Evaluation(null, test.classification(), target);
            // Its log-softmax leaves log-probabilities unchanged and normalizes logits, which other networks
            // return.
            double loss = evaluation.mean(
                    batch -> torch.cross_entropy_loss(opened.forward.apply(batch.inputs()), batch.targets())
                            .item_double());
            double accuracy = evaluation.mean(batch -> opened.forward
                    .apply(batch.inputs())
                    .argmax(new LongOptional(1), false)
                    .eq(batch.targets())
                    .to(torch.ScalarType.Double)
                    .mean()
                    .item_double());
            System.out.printf(
                    "%s: %,d test images%ntest loss %.6f nats per image, accuracy %.2f %%%n",
                    file, test.size(), loss, 100 * accuracy);
        } else if (shape.equals("[1, 1, 28, 28]")) {
            long noiseSeed = seed != null ? seed : (long) opened.option("seed", 1);
            Evaluation evaluation = new Evaluation(null, test.test(deviation, noiseSeed), target);
            double loss = ImageErrors.mean(evaluation, opened.forward);
            System.out.printf(
                    "%s: %,d test images%s%ntest loss %.6f, mean squared error per pixel%n",
                    file, test.size(), deviation > 0 ? ", with noise of standard deviation " + deviation : "", loss);
            if (opened.encode != null) {
                EmbeddingQuality quality = EmbeddingQuality.of(
                        evaluation.rows(batch -> opened.encode.apply(batch.inputs())), Tensors.longs(test.labels()));
                System.out.printf(
                        "embedding: 10-NN accuracy %.1f %%, silhouette %.3f%n",
                        100 * quality.nearestNeighbourAccuracy(), quality.silhouette());
            }
        } else {
            throw new UserError(
                    file + " answers an image with a tensor of shape " + shape,
                    "name a classifier (N×10) or an autoencoder (N×1×28×28)");
        }
    }
}
