package libtorch.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** The archive that a program was opened from, which is needed again when the program is saved. */
final class ProgramFile {
    static final String GRAPHS = "models/";
    static final String JSON = ".json";
    static final String EXTRA = "extra/";

    private final Path path;
    private final String record;
    private FileTime changed;
    private long size;

    private ProgramFile(Path path, String record) throws IOException {
        this.path = path;
        this.record = record;
        changed = Files.getLastModifiedTime(path);
        size = Files.size(path);
    }

    static ProgramFile of(Path path, ExportedArchive archive) throws IOException {
        String record = EXTRA + TorchScript.RECORD;
        return new ProgramFile(path, archive.has(record) ? archive.text(record) : "");
    }

    Path path() {
        return path;
    }

    String record() {
        return record;
    }

    boolean isUnchanged() throws IOException {
        return Files.exists(path)
                && Files.size(path) == size
                && Files.getLastModifiedTime(path).equals(changed);
    }

    /** Notes that a program was saved over the file that it was opened from. */
    void saved(Path target) throws IOException {
        if (!Files.exists(path) || !Files.isSameFile(path, target)) return;
        changed = Files.getLastModifiedTime(path);
        size = Files.size(path);
    }
}
