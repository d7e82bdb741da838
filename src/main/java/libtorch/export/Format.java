package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.nn.SavedNetwork;

/** The formats of files: those that a network is saved in, and others that are recognised. */
public enum Format {
    SAFETENSORS(Safetensors.SUFFIX, "weights without a network (safetensors)"),
    TORCH_SCRIPT(TorchScript.SUFFIX, "TorchScript"),
    EXPORTED_PROGRAM(".pt2", "a program of torch.export"),
    STATE_DICT(StateDict.SUFFIX, "weights without a network (a state_dict)"),
    ONNX(".onnx", "an ONNX model"),
    OLD_EXPORTED_PROGRAM("", "a program of torch.export in the format of an older PyTorch"),
    COMPILED("", "a package of AOTInductor, machine code"),
    OTHER("", "no model");

    /** The formats that a network is saved in, in the order of a run: the most durable format first. */
    public static final List<Format> SAVED =
            Stream.of(values()).filter(format -> !format.suffix.isEmpty()).toList();

    private static final int HEAD = 9; // bytes: where a safetensors file has its header's length and the first brace

    private final String suffix; // of files; empty if networks are not saved in it
    private final String words;

    Format(String suffix, String words) {
        this.suffix = suffix;
        this.words = words;
    }

    /** Returns a description that follows "it is". */
    public String words() {
        return words;
    }

    /** Returns the names of the formats that a network is saved in: the files' suffixes without the dot. */
    public static List<String> names() {
        return SAVED.stream().map(format -> format.suffix.substring(1)).toList();
    }

    /** Returns the file of a model in this format. */
    public Path file(Path folder, String model) {
        return folder.resolve(model + suffix);
    }

    /** Returns whether files have weights only. */
    public boolean hasWeightsAlone() {
        return this == SAFETENSORS || this == STATE_DICT;
    }

    /** Returns the format that a file's name ends in. */
    static Format named(Path file) {
        String name = file.getFileName().toString();
        for (Format format : SAVED) if (name.endsWith(format.suffix)) return format;
        String suffixes = SAVED.stream().map(format -> format.suffix).collect(Collectors.joining(", "));
        throw new LibTorchException(name + " names no format", "end it in " + suffixes);
    }

    /**
     * Saves a program in one of the formats {@link #SAVED}.
     *
     * @param texts to store in the file, by name
     * @throws LibTorchException if the file cannot be written; an older one is then unchanged
     * @throws IllegalStateException if the written file fails its verification; likewise
     */
    void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification) {
        switch (this) {
            case SAFETENSORS -> Safetensors.save(file, program.state(), texts);
            case TORCH_SCRIPT -> TorchScript.save(file, program, texts, verification);
            case EXPORTED_PROGRAM -> ExportWriter.save(file, program, texts, verification);
            case STATE_DICT -> StateDict.save(file, program.state(), texts);
            case ONNX -> OnnxGraph.save(file, program, texts);
            default -> throw new IllegalArgumentException("nothing is saved as " + words);
        }
    }

    /**
     * Recognises the format of a file by its content, regardless of its name.
     *
     * @throws LibTorchException if it cannot be read
     */
    public static Format of(Path file) {
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

    private static Format ofZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.getEntry("serialized_exported_program.json") != null) return OLD_EXPORTED_PROGRAM;
            Set<String> names = zip.stream()
                    .map(entry -> entry.getName().replaceFirst("^[^/]*/", ""))
                    .collect(Collectors.toSet());
            if (names.contains("constants.pkl") || any(names, "code/")) return TORCH_SCRIPT;
            if (any(names, CompiledModel.FOLDER)) return COMPILED;
            if (names.contains("archive_format") || any(names, ProgramFile.GRAPHS)) return EXPORTED_PROGRAM;
            return names.contains("data.pkl") ? STATE_DICT : OTHER;
        } catch (ZipException e) {
            throw new LibTorchException(file + " is damaged (" + e.getMessage() + ")", "save it again", e);
        }
    }

    private static boolean any(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> name.startsWith(prefix));
    }

    /** Returns the exception for a file that is not opened as a model. */
    LibTorchException refused(Path file) {
        String remedy = switch (this) {
            case COMPILED -> "open it as trusted, if you trust where it comes from";
            case STATE_DICT, SAFETENSORS ->
                "load them into a network, or have Python save the network with torch.export.save";
            case OLD_EXPORTED_PROGRAM -> "have PyTorch 2.10 export the network and save it with torch.export.save";
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
