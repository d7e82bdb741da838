package mnist.play;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.training.Evaluation;
import mnist.data.ImageSet;
import mnist.evaluation.EmbeddingQuality;
import mnist.figures.Palette;
import mnist.play.SavedModels.Autoencoder;
import mnist.prob4.Cnn;
import mnist.prob4.Prob4;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The server's API, in JSON; thread-safe. See docs/PLAY.md. */
final class Api {
    private static final int PIXELS = Centering.SIDE * Centering.SIDE;
    private static final int MOST_POINTS = 64;
    private static final int MOST_WIDTH = 128; // of a drawing

    private final SavedModels models;
    private final ImageSet test;
    private final Device device;
    private final Map<String, String> documents = new LinkedHashMap<>();
    private final Map<String, Method> methods = new LinkedHashMap<>();

    private record Method(Set<String> fields, Function<RequestBody, Object> function) {}

    /** @param test set whose embeddings are computed here, for the page */
    Api(SavedModels models, ImageSet test, Device device) {
        this.models = models;
        this.test = test;
        this.device = device;
        documents.put("/api/models", new Gson().toJson(description()));
        documents.put("/api/embeddings", new Gson().toJson(embeddings()));
        method("/api/center", this::center, "width", "pixels");
        method("/api/digit", this::digit, "index");
        method("/api/predict", this::predict, "image", "noise", "seed");
        method("/api/activations", this::activations, "image", "noise", "seed");
        method("/api/encode", this::encode, "image", "noise", "seed");
        method("/api/decode", this::decode, "model", "points", "image", "noise", "seed");
        method("/api/reconstruct", this::reconstruct, "image", "noise", "seed");
    }

    private void method(String path, Function<RequestBody, Object> function, String... fields) {
        methods.put(path, new Method(Set.of(fields), function));
    }

    /** Returns the responses to GET requests, by path. */
    Map<String, String> documents() {
        return documents;
    }

    /** Returns the paths of POST requests. */
    Set<String> methods() {
        return methods.keySet();
    }

    /**
     * Answers a POST request, and frees all native memory that it allocated.
     *
     * @throws RequestException if the body is invalid
     */
    String answer(String path, String body) {
        Method method = methods.get(path);
        if (method == null) throw new RequestException(404, "there is no " + path);
        RequestBody request = RequestBody.parse(body, method.fields);
        try (PointerScope call = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            return new Gson().toJson(method.function.apply(request));
        }
    }

    private Map<String, Object> description() {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("device", LibTorch.kind(device));
        if (models.classifier() != null) {
            try (PointerScope scope = new PointerScope()) {
                float[][] filters = Tensors.rows(models.classifier().conv1.weight());
                description.put("classifier", Map.of("name", Prob4.MODEL, "filters", filters));
            }
        }
        List<Map<String, Object>> autoencoders = new ArrayList<>();
        models.autoencoders()
                .forEach((name, autoencoder) -> autoencoders.add(
                        Map.of("name", name, "title", autoencoder.title(), "skips", autoencoder.skips())));
        description.put("autoencoders", autoencoders);
        description.put("missing", models.missing());
        description.put("colours", Palette.hex());
        return description;
    }

    private Map<String, Object> embeddings() {
        Evaluation evaluation = new Evaluation(null, test.reconstruction(), device);
        Map<String, float[][]> points = each(autoencoder -> rounded(
                evaluation.rows(batch -> autoencoder.encode(batch.inputs()).get(0))));
        return Map.of("labels", Tensors.longs(test.labels()), "points", points);
    }

    /** Applies a function to each autoencoder; returns the results by name. */
    private <T> Map<String, T> each(Function<Autoencoder, T> computed) {
        Map<String, T> results = new LinkedHashMap<>();
        models.autoencoders().forEach((name, autoencoder) -> results.put(name, computed.apply(autoencoder)));
        return results;
    }

    private Object center(RequestBody request) {
        int width = request.integer("width", 1, MOST_WIDTH);
        int count = request.size("pixels");
        if (count % width != 0 || count == 0 || count > width * MOST_WIDTH)
            throw new RequestException(400, "pixels must be 1 to " + MOST_WIDTH + " rows of width numbers");
        return Map.of("image", rounded(Centering.image(request.pixels("pixels", count), width)));
    }

    private Object digit(RequestBody request) {
        int index = request.integer("index", 0, (int) test.size() - 1);
        float[] image = Tensors.floats(test.images(index, 1));
        return Map.of("label", test.labels().narrow(0, index, 1).item_long(), "image", rounded(image));
    }

    private Object predict(RequestBody request) {
        Tensor probabilities =
                classifier().forward(input(request, image(request))).exp();
        return Map.of("digit", probabilities.argmax().item_long(), "probabilities", Tensors.floats(probabilities));
    }

    private Object activations(RequestBody request) {
        Tensor activations =
                classifier().conv1.forward(input(request, image(request))).relu();
        return Map.of("activations", rounded(Tensors.rows(activations.squeeze(0))));
    }

    private Object encode(RequestBody request) {
        Tensor input = input(request, image(request));
        return Map.of(
                "points",
                each(autoencoder -> Tensors.floats(autoencoder.encode(input).get(0))));
    }

    private Object decode(RequestBody request) {
        String name = request.text("model");
        Autoencoder autoencoder = models.autoencoders().get(name);
        if (autoencoder == null)
            throw new RequestException(
                    400, "model must be one of " + models.autoencoders().keySet());
        float[][] points = request.points("points", MOST_POINTS);
        if (autoencoder.skips() && !request.has("image"))
            throw new RequestException(400, "image is missing: with skip connections an image is decoded too");
        List<Tensor> code = new ArrayList<>();
        if (autoencoder.skips())
            code.addAll(autoencoder.encode(input(request, image(request))).subList(1, 3));
        code.add(0, EmbeddingQuality.tensor(points).to(device, ScalarType.Float));
        return Map.of("images", rounded(Tensors.rows(autoencoder.decode(code))));
    }

    /** @param error mean squared error per pixel against the image without noise */
    private record Reconstruction(float[] point, float[] image, double error) {}

    private Object reconstruct(RequestBody request) {
        Tensor clean = image(request);
        Tensor input = input(request, clean);
        Map<String, Reconstruction> reconstructions = each(autoencoder -> {
            List<Tensor> code = autoencoder.encode(input);
            Tensor output = autoencoder.decode(code);
            return new Reconstruction(
                    Tensors.floats(code.get(0)),
                    rounded(Tensors.floats(output)),
                    torch.mse_loss(output, clean).item_double());
        });
        return Map.of("input", rounded(Tensors.floats(input)), "models", reconstructions);
    }

    private Cnn classifier() {
        if (models.classifier() != null) return models.classifier();
        throw new RequestException(400, "there is no classifier: make prob4 makes it");
    }

    private Tensor image(RequestBody request) {
        return Tensors.of(request.pixels("image", PIXELS), 1, 1, Centering.SIDE, Centering.SIDE)
                .to(device, ScalarType.Float);
    }

    /** Adds noise to an image where the request asks for it; the same seed draws the same. */
    private Tensor input(RequestBody request, Tensor image) {
        float std = request.has("noise") ? request.number("noise", 0, 10) : 0;
        int seed = request.has("seed") ? request.integer("seed", 0, Integer.MAX_VALUE) : 1;
        if (std == 0) return image;
        GeneratorOptional generator = new GeneratorOptional(torch.make_generator_cpu(seed));
        Tensor noise = torch.randn(image.shape(), generator, new TensorOptions(ScalarType.Float));
        return noise.mul_(new Scalar(std)).to(device, ScalarType.Float).add_(image);
    }

    private static float[][] rounded(float[][] rows) {
        return Arrays.stream(rows).map(Api::rounded).toArray(float[][]::new);
    }

    /** Rounds to four decimals, enough for an image, which halves the JSON. */
    private static float[] rounded(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) rounded[i] = Math.round(values[i] * 1e4) / 1e4f;
        return rounded;
    }
}
