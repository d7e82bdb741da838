package mnist.run;

import libtorch.DeviceChoice;
import libtorch.LibTorch;
import picocli.CommandLine.Option;

/** The options of commands that compute. */
public class DeviceOptions extends Options {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads of one operation (default: ${DEFAULT-VALUE}; less where networks or ranks share the cores).")
    public transient int threads = LibTorch.defaultThreads();

    @Option(
            names = "--device",
            description =
                    "One of ${COMPLETION-CANDIDATES}; auto is CUDA where it can be used (default: ${DEFAULT-VALUE}).")
    public transient DeviceChoice device = DeviceChoice.auto;

    @Override
    public void validate() {
        require(threads >= 1 && threads <= 1024, "--threads", threads, "from 1 to 1024");
    }
}
