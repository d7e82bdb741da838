package mnist.system;

import java.util.Optional;
import libtorch.CudaSetup;

/**
 * Says whether libtorch's CUDA build can be used on this machine. The Makefile decides with it which libtorch to build
 * with, before anything else is compiled: so this class uses {@link CudaSetup} alone.
 */
public final class CudaReport {
    private CudaReport() {}

    /**
     * Prints what the Makefile needs. {@code use} prints 1 where the CUDA build can compute on a GPU, and else says on
     * stderr why not. {@code libraries} says where they are, and exits with 1 where one is missing.
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

    /**
     * Returns in one line why the CUDA build could not compute on a GPU here, and what to do about it; empty where it
     * can.
     */
    public static Optional<String> problem(CudaSetup setup) {
        if (setup.gpuProblem().isPresent()) return setup.gpuProblem();
        if (setup.missing().isEmpty()) return Optional.empty();
        return Optional.of("There is a GPU, but not " + setup.missingNames()
                + " (make cuda fetches CUDA's libraries; GPU=0 does not look for a GPU)");
    }

    /** Returns where CUDA's libraries are, and which are missing. */
    public static String libraries(CudaSetup setup) {
        if (setup.missing().size() == CudaSetup.LIBRARIES.size()) return "no libraries (make cuda fetches them)";
        String report = "libraries in " + setup.folders();
        if (setup.missing().isEmpty()) return report;
        return report + ", but not " + setup.missingNames() + " (make cuda fetches all)";
    }
}
