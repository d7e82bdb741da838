package mnist.run;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of everything that trains and draws figures. */
public final class FigureOptions extends TrainingOptions {
    @Option(names = "--figures-dir", paramLabel = "DIR", description = "Where figures go (default: ${DEFAULT-VALUE}).")
    public transient Path figuresDir = Path.of("figures");

    @Option(names = "--live", description = "Show losses and the network's results in a window while training.")
    public transient boolean live;

    public FigureOptions(int epochs, int batchSize, double lr) {
        super(epochs, batchSize, lr);
    }

    @Override
    Path figuresDir() {
        return figuresDir;
    }

    @Override
    boolean live() {
        return live;
    }
}
