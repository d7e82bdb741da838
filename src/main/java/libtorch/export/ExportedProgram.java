package libtorch.export;

import java.nio.file.Path;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.nn.SavedNetwork;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Writes .pt2 files, the archives of {@code torch.export}: graphs of ATen operators with their weights, which
 * {@link Program} and Python's {@code torch.export.load} open.
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
                verification.verify(Program.open(temporary, new Device("cpu")), program, false);
            });
        }
    }
}
