package mnist.example;

import java.nio.file.Path;
import mnist.run.Launcher;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** The example's commands. */
@Command(
        name = "example",
        subcommands = Train.class,
        description = "Predicts the heating loads of houses.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Launcher.Version.class)
public final class Example implements Runnable {
    public static void main(String[] arguments) {
        Launcher.main(new Example(), arguments);
    }

    @Command(description = "Writes 1,000 synthetic houses to a CSV file.")
    void generate(@Parameters(paramLabel = "FILE") Path file) {
        SyntheticHouses.write(file, 1000, /*seed*/ 1);
    }

    @Command(description = "Predicts the heating load of one house with a saved model.")
    void predict(
            @Parameters(paramLabel = "FILE", description = "TorchScript (.pt) or an exported program (.pt2).")
                    Path file,
            @Parameters(paramLabel = "X", arity = "8", description = "The eight features, in the order of the CSV.")
                    float[] house) {
        try (Predictor predictor = new Predictor(file, /*threads*/ 1)) {
            System.out.printf("%.2f kW%n", predictor.predict(house).join());
        }
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
