package mnist.study;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.Versions;
import libtorch.data.Dataset;
import libtorch.nn.Network;
import libtorch.training.Evaluation;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import mnist.data.Mnist;
import mnist.evaluation.EmbeddingQuality;
import mnist.evaluation.Sample;
import mnist.figures.Figure;
import mnist.figures.Plots;
import mnist.prob6.ConvAutoencoder;
import mnist.run.MnistProblem;
import mnist.run.Run;
import mnist.run.Session;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import mnist.system.Machine;
import mnist.system.UserError;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Trains and measures convolutional autoencoders with one skip connection, and with codes of other widths. */
@Command(
        name = "ablations",
        description = "Trains autoencoders with one skip connection or a wider code, and writes prob6-ablations.json.")
public final class Ablations extends MnistProblem {
    public static final String FILE = "prob6-ablations.json";

    private static final List<Ablated> ABLATIONS = Stream.concat(
                    IntStream.of(2, 4, 8, 16).mapToObj(width -> new Ablated("width-" + width, width, false, false)),
                    Stream.of(
                            new Ablated("skip-pool1", 2, true, false),
                            new Ablated("skip-pool2", 2, false, true),
                            new Ablated("skip-both", 2, true, true)))
            .toList();

    public Ablations() {
        super(new TrainingOptions(/*epochs*/ 10, /*batch size*/ 128, /*lr*/ 1e-3), LibTorch.Pool.OPENMP, networks());
    }

    private static Map<String, Supplier<Network>> networks() {
        Map<String, Supplier<Network>> networks = new LinkedHashMap<>();
        ABLATIONS.forEach(ablation -> networks.put(ablation.model(), ablation::network));
        return networks;
    }

    /**
     * The results of one network with one seed; losses are mean squared errors per pixel.
     *
     * @param shuffledCodesLoss test loss if each image is decoded with the code of another
     * @param nearestNeighbourAccuracy of the code; null if it is wider than 2
     */
    public record Result(
            long seed,
            double trainLoss,
            double testLoss,
            double shuffledCodesLoss,
            @Nullable Double nearestNeighbourAccuracy) {}

    /** A network that differs from the exercise's in at most one respect, with its results for each seed. */
    public record Ablated(String name, int codeWidth, boolean skipPool1, boolean skipPool2, List<Result> seeds) {
        Ablated(String name, int codeWidth, boolean skipPool1, boolean skipPool2) {
            this(name, codeWidth, skipPool1, skipPool2, List.of());
        }

        String model() {
            return "prob6-" + name;
        }

        ConvAutoencoder network() {
            return new ConvAutoencoder(codeWidth, skipPool1, skipPool2);
        }

        public Sample testLoss() {
            return Sample.of(seeds, Result::seed, Result::testLoss);
        }

        public Sample shuffled() {
            return Sample.of(seeds, Result::seed, Result::shuffledCodesLoss);
        }

        public Sample neighbours() {
            return Sample.of(
                    seeds, Result::seed, r -> Objects.requireNonNullElse(r.nearestNeighbourAccuracy, Double.NaN));
        }
    }

    /** All results. */
    public record Results(
            JsonObject options, Dataset dataset, Versions versions, String machine, List<Ablated> networks) {
        /**
         * Reads the results of the last run, if there are any.
         *
         * @throws UserError if the file has other content
         */
        public static Optional<Results> read(Path folder) {
            Path file = folder.resolve(FILE);
            if (!Files.exists(file)) return Optional.empty();
            try {
                Results results = new Gson().fromJson(Files.readString(file), Results.class);
                if (results != null && results.networks != null && results.dataset != null && results.options != null)
                    return Optional.of(results);
                throw new UserError(file + " holds no results", "run make ablations");
            } catch (JsonParseException e) {
                throw new UserError(file + " holds no results", "run make ablations", e);
            } catch (IOException e) {
                throw AtomicFile.cannotRead(file, "run make ablations", e);
            }
        }

        /** Returns the number of seeds. */
        public int seeds() {
            return networks.get(0).seeds.size();
        }

        public double option(String name) {
            return options.get(name).getAsDouble();
        }

        public boolean hasOption(String name) {
            return options.has(name);
        }

        /** Returns the networks without connections, by the width of their code. */
        public List<Ablated> widths() {
            return networks.stream()
                    .filter(network -> !network.skipPool1 && !network.skipPool2)
                    .toList();
        }

        /** Draws the error over the width of the code. */
        public Figure figure() {
            List<double[]> losses = IntStream.range(0, seeds())
                    .mapToObj(seed -> widths().stream()
                            .mapToDouble(network -> network.testLoss().values()[seed])
                            .toArray())
                    .toList();
            return Plots.labelled(
                    "plain with wider codes: test loss",
                    "numbers in the code",
                    "MSE per pixel (log scale)",
                    widths().stream()
                            .map(network -> String.valueOf(network.codeWidth))
                            .toList(),
                    new Plots.Line("plain", losses));
        }

        public Ablated network(String name) {
            return networks.stream()
                    .filter(network -> network.name.equals(name))
                    .findFirst()
                    .orElseThrow(() -> new UserError(FILE + " lacks " + name, "run make ablations"));
        }
    }

    @Override
    public Runnable add(Session session) {
        Mnist data = session.data();
        Map<Ablated, Training<Result>> trainings = new LinkedHashMap<>();
        for (Ablated network : ABLATIONS)
            trainings.put(
                    network,
                    session.add(network.name, seed -> task(network, seed, data), run -> result(run, network, data)));
        return () -> {
            List<Ablated> networks = new ArrayList<>();
            trainings.forEach((n, training) -> {
                if (!training.results().isEmpty())
                    networks.add(new Ablated(n.name, n.codeWidth, n.skipPool1, n.skipPool2, training.results()));
            });
            if (networks.size() == ABLATIONS.size()) save(networks, data); // not in other ranks than 0
        };
    }

    private void save(List<Ablated> networks, Mnist data) {
        print(networks);
        JsonObject settings = options.settings(options.seeds().get(0), mnist);
        Results results = new Results(settings, data.identity(), Versions.current(), Machine.processor(), networks);
        String json = new GsonBuilder().setPrettyPrinting().create().toJson(results) + "\n";
        AtomicFile.write(options.savedDir.resolve(FILE), temporary -> Files.writeString(temporary, json));
    }

    private static void print(List<Ablated> networks) {
        System.out.printf("%n%-10s  %17s  %17s%n", "network", "test MSE", "codes shuffled");
        for (Ablated network : networks) {
            System.out.printf(
                    "%-10s  %17s  %17s%n",
                    network.name,
                    network.testLoss().format("%.5f"),
                    network.shuffled().format("%.5f"));
        }
        System.out.println();
    }

    private Task<ConvAutoencoder> task(Ablated ablation, long seed, Mnist data) {
        return task(
                ablation.model(),
                ablation::network,
                Optimizers.adam(options.lr),
                torch::mse_loss,
                data.train().reconstruction(),
                data.test().reconstruction(),
                seed);
    }

    private static Result result(Run<ConvAutoencoder> run, Ablated ablation, Mnist data) {
        ConvAutoencoder network = run.network();
        Evaluation evaluation = run.evaluation();
        float[][] codes = evaluation.rows(batch -> network.encode(batch.inputs()));
        Double neighbours = null;
        if (ablation.codeWidth == 2)
            neighbours = EmbeddingQuality.of(codes, Tensors.longs(data.test().labels()))
                    .nearestNeighbourAccuracy();
        return new Result(
                run.task().seed(),
                run.lastEpoch().trainLoss(),
                run.testLoss(),
                Measurements.shuffledCodesLoss(network, evaluation, codes, data.test()),
                neighbours);
    }
}
