package mnist.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import mnist.prob3.SigmoidNetwork;
import mnist.prob4.Prob4Figures;
import mnist.prob5.Prob5Figures;
import mnist.prob6.Prob6Figures;
import mnist.study.Ablations;
import mnist.study.ProblemStudy;

/** Records of short runs, of one seed each, that a test changes and makes a page of. */
final class Records {
    static final String CNN = "mnist_cnn";
    static final String AE = "mnist_ae";
    static final String PLAIN = "mnist_cae";
    static final String SKIP = "mnist-cae-skip";
    static final String NOISY = "mnist_cae_noisy";
    static final String SKIP_NOISY = "mnist-cae-skip-noisy";
    static final List<String> VARIANTS = List.of(PLAIN, SKIP, NOISY, SKIP_NOISY);

    static final Map<String, ShownNetwork> SHOWN = Map.of(
            AE, shown(0.25), PLAIN, shown(0.45), SKIP, shown(0.08), NOISY, shown(0.62), SKIP_NOISY, shown(0.085));

    private final Path folder;
    private final Map<String, JsonObject> records = new HashMap<>();
    private boolean screen = false;
    private Optional<Ablations.Results> ablations = Optional.empty();

    /** @param folder where the records are read from in the end */
    Records(Path folder) throws IOException {
        this.folder = folder;
        for (String model : Stream.concat(Stream.of(CNN, AE), VARIANTS.stream()).toList()) {
            String json = Files.readString(Path.of("src/test/resources/records", model + ".json"));
            records.put(model, JsonParser.parseString(json).getAsJsonObject());
        }
    }

    /** Lets so many of 1,000 reconstructions be taken for another digit, and 7 % of the originals. */
    private static ShownNetwork shown(double otherDigits) {
        return new ShownNetwork(
                List.of(new ShownNetwork.Region(1, 0.9, -1, 0), new ShownNetwork.Region(5, 0.2, 0, 1)),
                new long[1000],
                ones(otherDigits),
                ones(0.07));
    }

    private static long[] ones(double share) {
        return LongStream.range(0, 1000).map(i -> i < 1000 * share ? 1 : 0).toArray();
    }

    /** Changes a value in a record. */
    void set(String model, String path, Object value) {
        JsonObject record = records.get(model);
        JsonElement place = record;
        String[] steps = path.split("/");
        for (int i = 0; i < steps.length - 1; i++) {
            place = place instanceof JsonArray array
                    ? array.get(steps[i].equals("last") ? array.size() - 1 : Integer.parseInt(steps[i]))
                    : place.getAsJsonObject().get(steps[i]);
        }
        JsonElement json =
                value instanceof Number number ? new JsonPrimitive(number) : JsonParser.parseString(value.toString());
        place.getAsJsonObject().add(steps[steps.length - 1], json);
    }

    /** Gives a record a value for each of some seeds; at first the others are like the first in all else. */
    void setSeeds(String model, String path, double... values) {
        JsonObject record = records.get(model);
        if (!record.has("replicates")) {
            JsonArray replicates = new JsonArray();
            for (int seed = 2; seed <= values.length; seed++) {
                JsonObject replicate = new JsonObject();
                replicate.addProperty("seed", seed);
                replicate.add("epochs", record.get("epochs").deepCopy());
                replicate.add("metrics", record.get("metrics").deepCopy());
                replicates.add(replicate);
            }
            record.add("replicates", replicates);
        }
        set(model, path, values[0]);
        for (int i = 1; i < values.length; i++) set(model, "replicates/" + (i - 1) + "/" + path, values[i]);
    }

    void setTestLosses(String model, double... losses) {
        setSeeds(model, "metrics/testLoss", losses);
    }

    void setNeighbours(String model, double... shares) {
        setSeeds(model, "metrics/embedding/nearestNeighbourAccuracy", shares);
    }

    /** Gives each variant of problem 6 so many seeds that are alike. */
    void giveVariantsSeeds(int seeds) {
        double[] losses = new double[seeds];
        Arrays.fill(losses, 1);
        for (String model : VARIANTS) setTestLosses(model, losses);
    }

    void retrain(Ablations.Ablated... networks) {
        JsonObject options = JsonParser.parseString("{\"epochs\": 10, \"lr\": 0.001, \"batchSize\": 128}")
                .getAsJsonObject();
        ablations = Optional.of(new Ablations.Results(options, null, null, null, List.of(networks)));
    }

    void showOnScreen() {
        screen = true;
    }

    ReportValues reportValues() {
        try {
            for (String model : records.keySet())
                Files.writeString(
                        folder.resolve(model + ".json"), records.get(model).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ReportValues.read(folder);
    }

    Map<String, Object> values() {
        return values(SHOWN);
    }

    /** @param shown what the autoencoders do with images, by their names */
    Map<String, Object> values(Map<String, ShownNetwork> shown) {
        SigmoidNetwork network = SigmoidNetwork.read(Path.of("docs/prob3.properties"));
        Map<String, Object> values = reportValues().values(shown);
        values.put("descent", new Descent());
        values.put("prob3", new Backpropagation(network, network.backpropagate(), 2e-16));
        ablations.ifPresent(results -> values.put("ablations", results));
        values.put("pictures", pictures());
        values.putAll(Map.of("name", "doej", "points", 1000, "embeddings", "{}"));
        return values;
    }

    private static Map<String, ReportCommand.Picture> pictures() {
        Map<String, ReportCommand.Picture> pictures = new HashMap<>();
        Stream.of(
                        List.of("descent", "network", "widths"),
                        Prob4Figures.FILES,
                        Prob5Figures.FILES,
                        Prob6Figures.FILES,
                        ProblemStudy.FILES)
                .flatMap(List::stream)
                .forEach(file -> pictures.put(file.replace(".png", ""), new ReportCommand.Picture(file, 100)));
        return pictures;
    }

    /** Returns the report where all networks do the same with images. */
    Page page(ShownNetwork network) {
        Map<String, ShownNetwork> shown = new HashMap<>();
        for (String model : SHOWN.keySet()) shown.put(model, network);
        return Page.of(Template.filled(values(shown), screen));
    }

    /** Returns the report that is made of them. */
    Page page() {
        return Page.of(Template.filled(values(), screen));
    }
}
