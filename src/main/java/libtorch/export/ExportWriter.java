package libtorch.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.nn.MethodGraph;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes .pt2 files, the archives of {@code torch.export}: graphs of ATen operators with their weights, which
 * {@link Program} and Python's {@code torch.export.load} open.
 */
final class ExportWriter {
    /** The name that {@code torch.export} gives the program of a network's forward method. */
    static final String MAIN = "model";

    private ExportWriter() {}

    /**
     * Saves a network; the written file is verified before it replaces an older one.
     *
     * @param texts to store in the file, by name
     * @throws LibTorchException if the format does not support an operator or an argument
     * @throws IllegalStateException if the file's results differ from the network's; the old file is then kept
     */
    static void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification) {
        String folder = file.getFileName().toString().replaceFirst("\\.pt2$", "");
        AtomicFile.write(file, temporary -> {
            write(temporary, folder, program, texts);
            verification.verify(Program.open(temporary), program, false);
        });
    }

    /** @param folder name of the one folder in the archive */
    static void write(Path file, String folder, SavedNetwork program, Map<String, String> texts) throws IOException {
        try (StoredZip zip = new StoredZip(file, folder)) {
            int number = 0;
            for (Tensor tensor : program.state().values()) {
                zip.add("data/weights/weight_" + number++, Weights.bytes(tensor));
            }
            for (MethodGraph graph : program.methods()) {
                String name = graph.method().equals("forward") ? MAIN : graph.method();
                GraphWriter writer = new GraphWriter(program, graph);
                zip.add("data/weights/" + name + "_weights_config.json", writer.weights());
                zip.add("data/constants/" + name + "_constants_config.json", "{\"config\":{}}");
                zip.add("models/" + name + ".json", writer.program());
                zip.add("data/sample_inputs/" + name + ".pt", ""); // required, may be empty
            }
            for (String name : texts.keySet()) zip.add("extra/" + name, texts.get(name));
            zip.add("archive_format", "pt2");
            zip.add("archive_version", "0");
            zip.add(".data/version", "6\n");
            zip.add("byteorder", "little");
            zip.add(".data/serialization_id", "0".repeat(40));
        }
    }
}
