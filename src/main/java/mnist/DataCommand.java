package mnist;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import libtorch.data.Dataset;
import mnist.data.MnistFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fetches MNIST, or checks what is there. */
@Command(name = "data", description = "Fetches MNIST where it is missing, and checks it.")
final class DataCommand implements Callable<Integer> {
    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST is kept (default: ${DEFAULT-VALUE}).")
    private Path folder = Path.of("data");

    @Override
    public Integer call() {
        Dataset identity = MnistFiles.read(folder, true).identity();
        System.out.println(identity.name() + " is complete in " + folder + "; SHA-256 " + identity.sha256());
        return 0;
    }
}
