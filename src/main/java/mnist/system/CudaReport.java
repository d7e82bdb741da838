package mnist.system;

import java.util.Optional;
import libtorch.CudaSetup;

/**
 * Reports whether libtorch's CUDA build can be used on this machine. The Makefile runs it before the build to choose
 * the build of libtorch: so this class depends on {@link CudaSetup} alone.
 */
public final class CudaReport {
    private CudaReport() {}

    /**
     * Prints a report for the Makefile. {@code use} prints 1 if the CUDA build can compute on a GPU, else the reason on
     * stderr. {@code libraries} prints where they are, and exits with 1 if one is missing.
     */
    public static void main(String[] arguments) {
        CudaSetup setup = new CudaSetup();
        if (arguments[0].equals("use")) {
            problem(setup)
                    .ifPresentOrElse(
                            problem -> System.err.println(problem + ": computing on the CPU."),
                            () -> System.out.println(1));
        } else {
            if (!setup.missing().isEmpty()) System.exit(1);
            System.out.println("CUDA's libraries are in " + setup.folders());
        }
    }

    /** Returns in one line why the CUDA build cannot compute on a GPU here, and the remedy; empty if it can. */
    public static Optional<String> problem(CudaSetup setup) {
        if (setup.gpuProblem().isPresent()) return setup.gpuProblem();
        if (setup.missing().isEmpty()) return Optional.empty();
        return Optional.of("There is a GPU, but not " + setup.missingNames()
                + " (make cuda fetches CUDA's libraries; GPU=0 does not look for a GPU)");
    }

    /** Returns the folders of CUDA's libraries, and which are missing. */
    public static String libraries(CudaSetup setup) {
        if (setup.missing().size() == CudaSetup.LIBRARIES.size()) return "no libraries (make cuda fetches them)";
        String report = "libraries in " + setup.folders();
        if (setup.missing().isEmpty()) return report;
        return report + ", but not " + setup.missingNames() + " (make cuda fetches all)";
    }
}
