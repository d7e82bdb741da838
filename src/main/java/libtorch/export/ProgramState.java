package libtorch.export;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of an archive, which its programs share. They are read to the CPU, each once; those that share memory in
 * the file share it here.
 */
final class ProgramState {
    /**
     * A tensor of the archive.
     *
     * @param entry what the archive says of it
     * @param path name of the archive's entry with its bytes
     * @param kind "parameter", "buffer" or "constant"
     */
    record Stored(Json entry, String path, String kind, Tensor tensor) {}

    private final ExportedArchive archive;
    private final Map<String, Stored> stored = new LinkedHashMap<>(); // in the order of the file

    ProgramState(ExportedArchive archive) {
        this.archive = archive;
    }

    /** Returns what programs have, by their names. */
    Map<String, Stored> stored() {
        return stored;
    }

    /** Returns where the tensors are that a program has, by their names. */
    Map<String, Json> payload(String kind, String program) throws IOException {
        return archive.json("data/" + kind + "/" + program + "_" + kind + "_config.json")
                .get("config")
                .fields();
    }

    /**
     * Returns a tensor. Of programs that have different ones under one name, the later has its own before the name.
     *
     * @param folder "weights" or "constants"
     * @param entry what the archive says of it
     */
    IValue get(String program, String folder, String name, Json entry, String kind) throws IOException {
        if (entry.get("use_pickle").flag()) throw entry.wrong("raw data: pickles are not read");
        String path = "data/" + folder + "/" + entry.get("path_name").text();
        Stored known = stored.get(name);
        if (known == null) {
            // as_strided gives views, which count changes in place together; variable_data is one of its own
            Tensor tensor = archive.tensor(path, entry.get("tensor_meta"), new Device("cpu"))
                    .variable_data();
            known = new Stored(entry, path, kind, tensor);
            stored.put(name, known);
        } else if (!known.path.equals(path) || !meta(known.entry).equals(meta(entry))) {
            return get(program, folder, program + "." + name, entry, kind);
        }
        return new IValue(known.tensor);
    }

    private static Object meta(Json entry) {
        return entry.get("tensor_meta").element();
    }
}
