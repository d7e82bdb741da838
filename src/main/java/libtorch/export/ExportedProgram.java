package libtorch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.nn.SavedNetwork;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes and reads .pt2 files, the archives of {@code torch.export}: graphs of ATen operators with their weights.
 * Python opens them with {@code torch.export.load}; Java runs their graphs operator by operator through libtorch's
 * dispatcher.
 */
public final class ExportedProgram {
    /** Ends the files' names. */
    public static final String SUFFIX = ".pt2";

    /** What {@code torch.export} calls the program that is a network's forward method. */
    static final String MAIN = "model";

    private ExportedProgram() {}

    /**
     * Makes sure that a program can be saved, without writing a file.
     *
     * @throws LibTorchException where a graph has an operator or an argument that the format does not take
     */
    static void check(SavedNetwork program) {
        new ExportWriter("check", program, Map.of()).check();
    }

    /**
     * Saves a program, having verified the written file.
     *
     * @param texts that travel in the file, by name
     * @throws LibTorchException where a graph has an operator or an argument that the format does not take
     * @throws IllegalStateException where the file does not answer what it should; the old file then stays
     */
    static void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification) {
        String folder = file.getFileName().toString().replaceFirst("\\.pt2$", "");
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            AtomicFile.write(file, temporary -> {
                new ExportWriter(folder, program, texts).write(temporary);
                verification.verify(load(temporary, new Device("cpu")), program, false);
            });
        }
    }

    /**
     * Opens a file that this project or Python saved, in the open scope. Its main program is called "forward". Programs
     * compute with ATen's operators only: no code in the file is run, no other file is touched. What they compute takes
     * the time and the memory that it takes.
     *
     * @throws LibTorchException where it is malformed, or has a program that cannot be run
     */
    public static LoadedModel load(Path file, Device device) {
        return new Loaded(Program.open(file, device), false);
    }

    /** Opens a file as {@link #load} does; it answers in the mode that it was exported in, as in Python. */
    static LoadedModel asExported(Path file, Device device) {
        return new Loaded(Program.open(file, device), true);
    }

    private record Loaded(Program program, boolean asExported) implements LoadedModel {
        @Override
        public Set<String> methods() {
            return program.methodNames();
        }

        @Override
        public List<ModelInput> inputs(String method) {
            return program.inputs(method);
        }

        @Override
        public List<String> outputs(String method) {
            return program.outputs(method);
        }

        @Override
        public Map<String, Integer> operators(String method) {
            return program.operators(method);
        }

        @Override
        public LibTorch.Pool pool() {
            return program.pool();
        }

        @Override
        public long weights() {
            return program.state().values().stream().mapToLong(Tensor::numel).sum();
        }

        @Override
        public List<Tensor> call(String method, List<Tensor> arguments) {
            try (NoGradGuard noGrad = new NoGradGuard()) {
                return asExported ? program.callAsExported(method, arguments) : program.call(method, arguments);
            }
        }

        @Override
        public String record() {
            return program.record();
        }
    }
}
