package mnist.play;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import libtorch.export.Model;
import libtorch.export.Safetensors;
import libtorch.export.TorchScript;
import mnist.prob4.Cnn;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Variant;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The models found in a folder; they belong to the scope that was open when they were loaded. The autoencoders are
 * TorchScript; the classifier is the Java network with saved weights, because the API returns activations of its first
 * layer.
 *
 * @param classifier null if it is missing
 * @param autoencoders by their names
 * @param missing a line for each missing model, with the command that trains it
 */
record SavedModels(@Nullable Cnn classifier, Map<String, Autoencoder> autoencoders, List<String> missing) {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put(Prob5.MODEL, "5 fully connected");
        TITLES.put(Variant.PLAIN.model, "6.1 convolutional");
        TITLES.put(Variant.SKIP.model, "6.2 with skips");
        TITLES.put(Variant.NOISY.model, "6.3 denoising");
        TITLES.put(Variant.SKIP_NOISY.model, "6.3 denoising, skips");
    }

    /**
     * Loads the models in a folder.
     *
     * @throws UserError if there is no model, or a file is damaged
     */
    static SavedModels load(Path folder, Device device) {
        List<String> missing = new ArrayList<>();
        Cnn classifier = null;
        Path weights = folder.resolve(Prob4.MODEL + Safetensors.SUFFIX);
        if (Files.exists(weights)) classifier = classifier(weights, device);
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

    private static Cnn classifier(Path weights, Device device) {
        Cnn classifier = new Cnn();
        Safetensors.load(weights, classifier);
        classifier.to(device, false);
        classifier.eval();
        return classifier;
    }

    /** An autoencoder, with or without skip connections. */
    record Autoencoder(String title, boolean skips, Model model) {
        private static Autoencoder load(String title, Path file, Device device) {
            Model model = Model.open(file, device).eval();
            if (!model.has("encode") || !model.has("decode"))
                throw new UserError(file + " has no methods encode and decode", "train the model anew");
            return new Autoencoder(title, model.has("features"), model);
        }

        /** Returns the embedding, N×2, followed by the features that skip connections pass on. */
        List<Tensor> encode(Tensor images) {
            return model.call(skips ? "features" : "encode", List.of(images));
        }

        /** Decodes points, N×2, to images, N×1×28×28; after the points come the skip features, of one image or of N. */
        Tensor decode(List<Tensor> code) {
            long n = code.get(0).size(0);
            List<Tensor> arguments = new ArrayList<>(code);
            arguments.replaceAll(tensor -> {
                long[] shape = tensor.shape();
                shape[0] = n;
                return tensor.expand(shape);
            });
            return model.call("decode", arguments).get(0);
        }
    }
}
