package libtorch.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * The archive that a program was opened from, which saving the program needs again, and the weights, which its programs
 * share. Each is read once, to the CPU; tensors that share a storage in the file share it in memory.
 */
final class ProgramFile {
    static final String GRAPHS = "models/";
    static final String JSON = ".json";
    /** The version of torch.export's schema that PyTorch 2.10 writes. */
    private static final long SCHEMA = 8;

    static final String EXTRA = "extra/";

    /**
     * A tensor of the archive.
     *
     * @param entry its description in the archive
     * @param path name of the archive's entry with its bytes
     * @param kind "parameter", "buffer" or "constant"
     */
    record Stored(Json entry, String path, String kind, Tensor tensor) {}

    private final Path path;
    private final ExportedArchive archive;
    private final String record;
    private final Map<String, Stored> stored = new LinkedHashMap<>(); // in the order of the file
    private String writtenBy = "";
    private boolean readable = true;
    private FileTime changed;
    private long size;

    /** Reads the run record of an archive, which must be open while its programs are read. */
    ProgramFile(Path path, ExportedArchive archive) throws IOException {
        this.path = path;
        this.archive = archive;
        String text = EXTRA + TorchScript.RECORD;
        record = archive.has(text) ? archive.text(text) : "";
        changed = Files.getLastModifiedTime(path);
        size = Files.size(path);
    }

    Path path() {
        return path;
    }

    ExportedArchive archive() {
        return archive;
    }

    String record() {
        return record;
    }

    /**
     * Checks the schema version of a program, and keeps it and the PyTorch that wrote it for messages.
     *
     * @throws IllegalArgumentException if its schema is not the one that can be read
     */
    void requireReadable(Json program) {
        Json version = program.get("schema_version");
        long major = version.get("major").integer();
        writtenBy = "schema " + major
                + (version.has("minor") ? "." + version.get("minor").integer() : "")
                + (program.has("torch_version")
                        ? ", written by PyTorch "
                                + Weights.printable(program.get("torch_version").text())
                        : "");
        readable = major == SCHEMA;
        if (!readable) throw new IllegalArgumentException("its schema is not " + SCHEMA + ", the one that can be read");
    }

    boolean readable() {
        return readable;
    }

    /** Returns the schema of its programs and the PyTorch that wrote them, or an empty string. */
    String writtenBy() {
        return writtenBy;
    }

    /** Returns the tensors of the programs, by name. */
    Map<String, Stored> stored() {
        return stored;
    }

    /** Returns the descriptions of a program's weights or constants, by name. */
    Map<String, Json> payload(String kind, String program) throws IOException {
        return archive.json("data/" + kind + "/" + program + "_" + kind + "_config.json")
                .get("config")
                .fields();
    }

    /**
     * Returns a tensor. If programs have different ones of a name, the later one's is prefixed with its program's.
     *
     * @param folder "weights" or "constants"
     * @param entry its description in the archive
     */
    IValue get(String program, String folder, String name, Json entry, String kind) throws IOException {
        if (entry.get("use_pickle").flag()) throw entry.wrong("raw data: pickles are not read");
        String bytes = "data/" + folder + "/" + entry.get("path_name").text();
        Stored known = stored.get(name);
        if (known == null) {
            // views of as_strided share a version counter; variable_data has its own
            Tensor tensor = archive.tensor(bytes, entry.get("tensor_meta"), new Device("cpu"))
                    .variable_data();
            known = new Stored(entry, bytes, kind, tensor);
            stored.put(name, known);
        } else if (!known.path.equals(bytes) || !meta(known.entry).equals(meta(entry))) {
            return get(program, folder, program + "." + name, entry, kind);
        }
        return new IValue(known.tensor);
    }

    private static Object meta(Json entry) {
        return entry.get("tensor_meta").element();
    }

    boolean isUnchanged() throws IOException {
        return Files.exists(path)
                && Files.size(path) == size
                && Files.getLastModifiedTime(path).equals(changed);
    }

    /** Updates what {@link #isUnchanged} compares, if a program was saved over the file that it was opened from. */
    void saved(Path target) throws IOException {
        if (!Files.exists(path) || !Files.isSameFile(path, target)) return;
        changed = Files.getLastModifiedTime(path);
        size = Files.size(path);
    }
}
