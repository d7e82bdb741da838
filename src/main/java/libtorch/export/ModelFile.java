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

/** What a file holds, recognised by its content, whatever its name. */
public enum ModelFile {
    TORCH_SCRIPT("TorchScript"),
    EXPORTED("a program of torch.export"),
    OLD_EXPORTED("a program of torch.export in the format of an older PyTorch"),
    COMPILED("a package of AOTInductor, machine code"),
    STATE_DICT("weights without a network (a state_dict)"),
    SAFETENSORS("weights without a network (safetensors)"),
    ONNX("an ONNX model"),
    OTHER("no model");

    private static final int HEAD = 9; // bytes: where a safetensors file has its header's length and the first brace

    private final String words;

    ModelFile(String words) {
        this.words = words;
    }

    /** Returns what it is, in words that follow "it is". */
    public String words() {
        return words;
    }

    /**
     * Recognises a file.
     *
     * @throws LibTorchException where it cannot be read
     */
    public static ModelFile of(Path file) {
        try {
            byte[] head = head(file);
            if (head.length > 1 && head[0] == 'P' && head[1] == 'K') return ofZip(file);
            if (head.length > 1 && (head[0] & 0xff) == 0x80) return STATE_DICT; // a pickle, as before PyTorch 1.6
            if (head.length < HEAD) return OTHER;
            long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (length > 1 && length <= Files.size(file) - Long.BYTES && head[HEAD - 1] == '{') return SAFETENSORS;
            // a protocol buffer that begins with ir_version, which is less than 128, and then a text or a graph
            boolean onnx = head[0] == 0x08 && head[1] > 0 && (head[2] == 0x12 || head[2] == 0x3a);
            return onnx ? ONNX : OTHER;
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "check the path and its permissions", e);
        }
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD);
        }
    }

    private static ModelFile ofZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.getEntry("serialized_exported_program.json") != null) return OLD_EXPORTED;
            Set<String> names = zip.stream()
                    .map(entry -> entry.getName().replaceFirst("^[^/]*/", ""))
                    .collect(Collectors.toSet());
            if (names.contains("constants.pkl") || any(names, "code/")) return TORCH_SCRIPT;
            if (any(names, CompiledModel.FOLDER)) return COMPILED;
            if (names.contains("archive_format") || any(names, ProgramFile.GRAPHS)) return EXPORTED;
            return names.contains("data.pkl") ? STATE_DICT : OTHER;
        } catch (ZipException e) {
            throw new LibTorchException(file + " is damaged (" + e.getMessage() + ")", "save it again", e);
        }
    }

    private static boolean any(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }

    /** Returns why a file is not opened as a model. */
    LibTorchException refused(Path file) {
        String remedy = switch (this) {
            case COMPILED -> "open it as trusted, if you trust where it comes from";
            case STATE_DICT, SAFETENSORS ->
                "load them into a network, or have Python save the network with torch.export.save";
            case OLD_EXPORTED -> "have PyTorch 2.10 export the network and save it with torch.export.save";
            case ONNX -> "have Python save the network with torch.export.save (.pt2)";
            default -> "name a file of torch.export.save (.pt2) or torch.jit.save (.pt)";
        };
        String what = switch (this) {
            case COMPILED -> " is compiled: machine code, which can do whatever this process can";
            case STATE_DICT, SAFETENSORS -> " holds " + words;
            case OTHER -> " is no model that can be opened";
            default -> " is " + words;
        };
        return new LibTorchException(file + what, remedy);
    }
}
