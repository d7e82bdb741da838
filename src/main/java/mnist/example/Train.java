package mnist.example;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import libtorch.LibTorch;
import libtorch.training.Task;
import mnist.run.Problem;
import mnist.run.Run;
import mnist.run.Session;
import mnist.run.Summary;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains the network and saves it. */
@Command(name = "train", description = "Trains the network and saves it.")
final class Train implements Callable<Integer>, Problem {
    private static final String MODEL = "heating_load";

    @Mixin
    private final TrainingOptions options = new TrainingOptions(/*epochs*/ 60, /*batch size*/ 32, /*lr*/ 5e-3);

    @Option(names = "--data", description = "CSV file of houses (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("data/houses.csv");

    Train() {
        options.savedDir = Path.of("saved/houses");
    }

    @Override
    public Set<String> models() {
        return Set.of(MODEL);
    }

    @Override
    public Integer call() {
        options.validate();
        if (options.summary) return Summary.print(Map.of(MODEL, HeatingLoad::new), Houses.FEATURES);
        try (Session<Houses> session =
                Session.open(options, LibTorch.Pool.OPENBLAS, (device, type) -> Houses.load(file, device, type))) {
            Training<Double> error = session.add("heating load", seed -> task(seed, session.data()), Train::save);
            session.run();
            error.results().forEach(e -> System.out.printf("root mean squared test error: %.3f kW%n", e));
        }
        return 0;
    }

    private Task<HeatingLoad> task(long seed, Houses houses) {
        return new Task<>(
                MODEL,
                () -> new HeatingLoad(houses.mean(), houses.std()),
                parameters -> new Adam(parameters, new AdamOptions(options.lr)),
                torch::mse_loss,
                houses.train(),
                houses.test(),
                seed,
                options.epochs,
                options.batchSize,
                options.settings(seed));
    }

    /**
     * What was measured, for the run record.
     *
     * @param rootMeanSquaredError on the test houses, kW
     */
    private record Metrics(double rootMeanSquaredError) {}

    private static double save(Run<HeatingLoad> run) {
        double error = Math.sqrt(run.testLoss());
        run.save(new Metrics(error));
        return error;
    }
}
