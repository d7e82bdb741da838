package mnist.play;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import libtorch.export.Model;
import libtorch.export.Safetensors;
import libtorch.export.TorchScript;
import libtorch.nn.Network;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Variant;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The models that are there, in the scope they were loaded in. The autoencoders come with their methods from
 * TorchScript; the classifier is the Java network with weights from a file, since its first layer is looked into.
 *
 * @param classifier null where it is missing
 * @param autoencoders by their names
 * @param missing a line for each model that is missing: which command makes it
 */
record SavedModels(@Nullable Classifier classifier, Map<String, Autoencoder> autoencoders, List<String> missing) {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put(Prob5.MODEL, "5 fully connected");
        TITLES.put(Variant.PLAIN.model, "6.1 convolutional");
        TITLES.put(Variant.SKIP.model, "6.2 with skips");
        TITLES.put(Variant.NOISY.model, "6.3 denoising");
        TITLES.put(Variant.SKIP_NOISY.model, "6.3 denoising, skips");
    }

    /**
     * Loads what is in a folder.
     *
     * @throws UserError where it has no model, or a file is damaged
     */
    static SavedModels load(Path folder, Device device) {
        List<String> missing = new ArrayList<>();
        Classifier classifier = null;
        Path weights = folder.resolve(Prob4.MODEL + Safetensors.SUFFIX);
        if (Files.exists(weights)) classifier = Classifier.load(weights, device);
        else missing.add(weights + " is missing: make prob4 makes it");
        Map<String, Autoencoder> autoencoders = new LinkedHashMap<>();
        TITLES.forEach((name, title) -> {
            Path file = folder.resolve(name + TorchScript.SUFFIX);
            String problem = name.equals(Prob5.MODEL) ? "prob5" : "prob6";
            if (Files.exists(file)) autoencoders.put(name, Autoencoder.load(title, file, device));
            else missing.add(file + " is missing: make " + problem + " makes it");
        });
        if (classifier == null && autoencoders.isEmpty())
            throw new UserError("there is no model in " + folder, "run make prob4, make prob5 or make prob6");
        return new SavedModels(classifier, autoencoders, missing);
    }

    /**
     * The classifier of problem 4.
     *
     * @param weight the first layer's kernels: 40×1×5×5
     * @param bias the first layer's: 40
     */
    record Classifier(Network network, Tensor weight, Tensor bias) {
        private static Classifier load(Path weights, Device device) {
            Network network =
                    Objects.requireNonNull(Prob4.networks().get(Prob4.MODEL)).get();
            Safetensors.load(weights, network);
            network.to(device, false);
            network.eval();
            Map<String, Tensor> state = network.state();
            return new Classifier(
                    network,
                    Objects.requireNonNull(state.get("conv1.weight")),
                    Objects.requireNonNull(state.get("conv1.bias")));
        }

        /** Computes the first layer's activations, before pooling: N×40×24×24. */
        Tensor activations(Tensor images) {
            return torch.conv2d(images, weight).add(bias.view(1, -1, 1, 1)).relu();
        }
    }

    /** An autoencoder, with or without skip connections. */
    record Autoencoder(String title, boolean skips, Model model) {
        /** What the encoder computes: the embedding, N×2, and what skip connections pass on. */
        record Code(Tensor z, List<Tensor> skipped) {}

        private static Autoencoder load(String title, Path file, Device device) {
            Model model = Model.open(file, device).eval();
            if (!model.has("encode") || !model.has("decode"))
                throw new UserError(file + " has no methods encode and decode", "train the model anew");
            return new Autoencoder(title, model.has("features"), model);
        }

        Code encode(Tensor images) {
            if (!skips) return new Code(model.call("encode", images), List.of());
            List<Tensor> features = model.call("features", List.of(images));
            return new Code(features.get(0), features.subList(1, features.size()));
        }

        /** Decodes points, N×2, to images, N×1×28×28; what is skipped is of one image or of N. */
        Tensor decode(Code code) {
            List<Tensor> arguments = new ArrayList<>(List.of(code.z));
            for (Tensor skipped : code.skipped)
                arguments.add(skipped.expand(code.z.size(0), skipped.size(1), skipped.size(2), skipped.size(3)));
            return model.call("decode", arguments).get(0);
        }
    }
}
