package libtorch.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.nn.SavedNetwork;
import org.jspecify.annotations.Nullable;

/** The formats that a network is saved in, in the order in which a run does. */
@SuppressWarnings("ImmutableEnumChecker") // its functions have no state, which the checker cannot know
public enum Format {
    /** First, for it is what lasts longest. */
    SAFETENSORS(Safetensors.SUFFIX, (file, program, texts, v) -> Safetensors.save(file, program.state(), texts), null),
    TORCH_SCRIPT(TorchScript.SUFFIX, TorchScript::save, TorchScript::compile),
    EXPORTED_PROGRAM(ExportedProgram.SUFFIX, ExportedProgram::save, ExportedProgram::check),
    STATE_DICT(StateDict.SUFFIX, (file, program, texts, v) -> StateDict.save(file, program.state(), texts), null),
    ONNX(Onnx.SUFFIX, (file, program, texts, v) -> Onnx.save(file, program, texts), Onnx::check);

    private final String suffix;
    private final Writer writer;
    private final @Nullable Consumer<SavedNetwork> check; // null where files have weights alone

    private interface Writer {
        void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification);
    }

    Format(String suffix, Writer writer, @Nullable Consumer<SavedNetwork> check) {
        this.suffix = suffix;
        this.writer = writer;
        this.check = check;
    }

    /** Returns the format that a file's name ends in. */
    static Format of(Path file) {
        String name = file.getFileName().toString();
        for (Format format : values()) if (name.endsWith(format.suffix)) return format;
        String suffixes = Arrays.stream(values()).map(format -> format.suffix).collect(Collectors.joining(", "));
        throw new LibTorchException(name + " names no format", "end it in " + suffixes);
    }

    /** Returns the names of all formats, which are the files' suffixes without the point. */
    public static List<String> names() {
        return Arrays.stream(values()).map(format -> format.suffix.substring(1)).toList();
    }

    /** Returns the file of a model in this format. */
    public Path file(Path folder, String model) {
        return folder.resolve(model + suffix);
    }

    /** Returns whether files have the network's methods, beside its weights. */
    boolean hasMethods() {
        return check != null;
    }

    /**
     * Saves a program.
     *
     * @param texts that travel in the file, by name
     * @throws LibTorchException where the file cannot be written; an older one is then as it was
     * @throws IllegalStateException where what was written is not what should be; likewise
     */
    void save(Path file, SavedNetwork program, Map<String, String> texts, Verification verification) {
        writer.save(file, program, texts, verification);
    }

    /**
     * Makes sure that a program can be saved in every format, without writing a file.
     *
     * @throws LibTorchException where a format has no counterpart of an operator
     */
    public static void check(SavedNetwork program) {
        check(program, EnumSet.allOf(Format.class));
    }

    /**
     * Makes sure that a program can be saved in some formats, without writing a file.
     *
     * @throws LibTorchException where one of them has no counterpart of an operator
     */
    public static void check(SavedNetwork program, Set<Format> formats) {
        for (Format format : formats) {
            try {
                if (format.check != null) format.check.accept(program);
            } catch (LibTorchException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new LibTorchException(
                        program.name() + " cannot be saved as " + format.suffix + " (" + LibTorch.firstLine(e) + ")",
                        "compute it with other operators, or save the other formats",
                        e);
            }
        }
    }
}
