package mnist;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import mnist.run.MnistOptions;
import mnist.run.ProgramOptions;
import mnist.run.ProgramTraining;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Trains a program that Python exported. */
@Command(
        name = "train",
        description = "Trains a network that Python saved with torch.export.save, and saves it for Python again.")
final class TrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.pt2", description = "An exported program, in train mode or in eval mode.")
    private Path file;

    @Mixin
    private final ProgramOptions options = new ProgramOptions();

    @Mixin
    private final MnistOptions.Training mnist = new MnistOptions.Training();

    @Override
    public Integer call() {
        options.validate();
        mnist.validate();
        new ProgramTraining(file, options, mnist).run();
        return 0;
    }
}
