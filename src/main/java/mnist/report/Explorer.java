package mnist.report;

import com.google.gson.Gson;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.export.Model;
import libtorch.export.TorchScript;
import libtorch.training.Evaluation;
import mnist.data.ImageSet;
import mnist.figures.Palette;
import mnist.run.RunRecord;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The results of the saved models for the first test images.
 *
 * @param json data of the page for the screen: points, and sheets of images and reconstructions
 * @param points number of images shown in each embedding
 * @param shown results of each model, by its name
 */
record Explorer(String json, long points, Map<String, ShownNetwork> shown) {
    /** Enough to fill the plane, few enough to send the page by e-mail. */
    private static final int MOST_POINTS = 1000;

    private static final int COLUMNS = 40;
    private static final int SIDE = 28;

    private record Page(
            int columns, int side, List<String> colours, long[] labels, String images, Map<String, Embedding> models) {}

    /**
     * One model's data for the page.
     *
     * @param inputs sheet of the network's inputs, if they differ from the images
     */
    private record Embedding(float[][] points, String inputs, String reconstructions) {}

    /**
     * Embeds and reconstructs images with autoencoders, and classifies the reconstructions.
     *
     * @param runs the classifier's and then the autoencoders'
     * @throws UserError if a model is of another run than its record
     */
    static Explorer of(ImageSet test, Device device, Path saved, List<FinishedRun<?>> runs) {
        try (PointerScope scope = new PointerScope();
                Model cnn = load(saved, runs.get(0), device)) {
            long n = Math.min(MOST_POINTS, test.size());
            long[] labels = Tensors.longs(test.labels().narrow(0, 0, n));
            long[] originals = digits(cnn, test.images(0, n));
            Map<String, Embedding> embeddings = new LinkedHashMap<>();
            Map<String, ShownNetwork> shown = new HashMap<>();
            for (FinishedRun<?> run : runs.subList(1, runs.size())) {
                try (PointerScope scopeOfRun = new PointerScope();
                        Model network = load(saved, run, device)) {
                    double noise = run.hasOption("noise") ? run.option("noise") : 0;
                    Examples examples = test.test(noise, (long) run.option("seed"));
                    Tensor inputs = new Evaluation(null, examples, device)
                            .firstBatch(MOST_POINTS)
                            .inputs();
                    Tensor outputs = network.call("forward", inputs);
                    float[][] points = Tensors.rows(network.call("encode", inputs));
                    embeddings.put(
                            run.model(), new Embedding(points, noise > 0 ? sheet(inputs) : null, sheet(outputs)));
                    List<ShownNetwork.Region> regions = ShownNetwork.regions(points, labels);
                    shown.put(run.model(), new ShownNetwork(regions, labels, digits(cnn, outputs), originals));
                }
            }
            String images = sheet(test.images(0, n));
            Page page = new Page(COLUMNS, SIDE, Palette.hex(), labels, images, embeddings);
            return new Explorer(new Gson().toJson(page), n, shown);
        }
    }

    /** @throws UserError if the model is of another run than its record */
    private static Model load(Path saved, FinishedRun<?> run, Device device) {
        Path file = saved.resolve(run.model() + TorchScript.SUFFIX);
        Model network = Model.open(file, device);
        if (JsonParser.parseString(network.description().record())
                .equals(run.seeds().get(0).json())) return network;
        network.close();
        throw new UserError(
                file + " and " + run.model() + RunRecord.SUFFIX + " are of different runs", "train the model anew");
    }

    /** Returns the digits that a classifier predicts for images, N×1×28×28. */
    private static long[] digits(Model classifier, Tensor images) {
        try (PointerScope scope = new PointerScope()) {
            return Tensors.longs(classifier.call("forward", images).argmax(new LongOptional(1), false));
        }
    }

    /** Returns a data URL of a PNG. */
    static String address(byte[] png) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }

    /** Arranges images in a grid, and returns it as the data URL of a PNG. */
    private static String sheet(Tensor tensor) {
        float[][] images = Tensors.rows(tensor);
        BufferedImage sheet = new BufferedImage(
                COLUMNS * SIDE, (images.length + COLUMNS - 1) / COLUMNS * SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < images.length; i++) {
            for (int p = 0; p < images[i].length; p++) {
                int grey = 255 - Math.round(255 * Math.max(0, Math.min(1, images[i][p])));
                sheet.getRaster().setSample(i % COLUMNS * SIDE + p % SIDE, i / COLUMNS * SIDE + p / SIDE, 0, grey);
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(sheet, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return address(png.toByteArray());
    }
}
