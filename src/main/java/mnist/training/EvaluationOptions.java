package mnist.training;

import java.nio.file.Path;
import mnist.runtime.DeviceChoice;
import mnist.runtime.LibTorch;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of everything that runs a network on MNIST. */
public class EvaluationOptions {
    @Option(names = "--test-size", paramLabel = "N", description = "Test on the first N images only.")
    public Integer testSize;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of one operation (default: ${DEFAULT-VALUE}; less where ranks share the cores).")
    public transient int threads = LibTorch.defaultThreads();

    @Option(
            names = "--device",
            description =
                    "One of ${COMPLETION-CANDIDATES}; auto is CUDA where it can be used (default: ${DEFAULT-VALUE}).")
    public transient DeviceChoice device = DeviceChoice.auto;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Where MNIST is kept (default: ${DEFAULT-VALUE}).")
    public transient Path dataDir = Path.of("data");

    @Option(names = "--unverified-data", description = "Use any data set of MNIST's shape found in --data-dir.")
    public transient boolean unverifiedData;

    @Spec(Spec.Target.MIXEE)
    transient CommandSpec command;

    /** Refuses values that no run can use, as wrong usage. */
    public void validate() {
        require(testSize == null || testSize >= 1, "--test-size", testSize, "at least 1");
        require(threads >= 1 && threads <= 1024, "--threads", threads, "from 1 to 1024");
    }

    /** Refuses one option's value, as wrong usage. */
    public void require(boolean fine, String option, Object value, String demand) {
        if (!fine)
            throw new ParameterException(command.commandLine(), option + " is " + value + ", but must be " + demand);
    }
}
