package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import org.bytedeco.pytorch.Device;

/** Recognises models by what is in their files, whatever their names. */
final class ModelFile {
    private static final int HEAD = 9; // bytes: where a safetensors file has its header's length and the first brace

    /** What a file may be. */
    enum Kind {
        TORCH_SCRIPT,
        EXPORTED,
        COMPILED,
        STATE_DICT,
        SAFETENSORS,
        OTHER
    }

    private ModelFile() {}

    /**
     * Opens a file, in the open scope.
     *
     * @param trusted whether compiled code may run
     */
    static LoadedModel load(Path file, Device device, boolean trusted) {
        return switch (kind(file)) {
            case TORCH_SCRIPT -> TorchScript.load(file, device);
            case EXPORTED -> ExportedProgram.asExported(file, device);
            case COMPILED -> {
                if (!trusted)
                    throw new LibTorchException(
                            file + " is compiled: machine code, which can do whatever this process can",
                            "open it as trusted, if you trust where it comes from");
                yield CompiledModel.load(file, device);
            }
            case STATE_DICT ->
                throw new LibTorchException(
                        file + " holds weights without a network (a state_dict)",
                        "load them into a network, or have Python save the network with torch.export.save");
            case SAFETENSORS ->
                throw new LibTorchException(
                        file + " holds weights without a network (safetensors)",
                        "load them into a network, or have Python save the network with torch.export.save");
            case OTHER ->
                throw new LibTorchException(
                        file + " is no model that can be opened",
                        "name a file of torch.export.save (.pt2) or torch.jit.save (.pt)");
        };
    }

    static Kind kind(Path file) {
        try {
            byte[] head = head(file);
            if (head.length > 1 && head[0] == 'P' && head[1] == 'K') return kindOfZip(file);
            if (head.length > 1 && (head[0] & 0xff) == 0x80) return Kind.STATE_DICT; // a pickle, as before PyTorch 1.6
            if (head.length < HEAD) return Kind.OTHER;
            long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
            boolean header = length > 1 && length <= Files.size(file) - Long.BYTES && head[HEAD - 1] == '{';
            return header ? Kind.SAFETENSORS : Kind.OTHER;
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "name a file that is there", e);
        }
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD);
        }
    }

    private static Kind kindOfZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Set<String> names = zip.stream()
                    .map(entry -> entry.getName().replaceFirst("^[^/]*/", ""))
                    .collect(Collectors.toSet());
            if (names.contains("constants.pkl") || any(names, "code/")) return Kind.TORCH_SCRIPT;
            if (any(names, CompiledModel.FOLDER)) return Kind.COMPILED;
            if (names.contains("archive_format") || any(names, ProgramFile.GRAPHS)) return Kind.EXPORTED;
            return names.contains("data.pkl") ? Kind.STATE_DICT : Kind.OTHER;
        } catch (ZipException e) {
            throw new LibTorchException(file + " is damaged (" + e.getMessage() + ")", "have it written anew", e);
        }
    }

    private static boolean any(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }
}
