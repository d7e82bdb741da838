package libtorch.export;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.export.ProgramFile.Stored;
import libtorch.export.Step.Mode;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.nn.OperatorException;
import libtorch.nn.Tracer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A program that Python exported with {@code torch.export}, as a network: it has named parameters and buffers, can be
 * called, trained like a network written in Java, and saved for Python again.
 *
 * <pre>{@code
 * Program network = Program.open(Path.of("resnet18.pt2"));
 * network.freeze("layer1.*");
 * ...                                             // train it, as any network
 * network.save(Path.of("tuned.pt2"));             // torch.export.load opens it; .pth, .safetensors likewise
 * }</pre>
 *
 * <p>It is opened in eval mode. {@code train(true)} turns batch norm, dropout and their like on, whichever mode it was
 * exported in; what the mode decided otherwise when Python exported it, as which way an {@code if} took, stays. In eval
 * mode a call changes neither weights nor arguments, and any number of threads may call at the same time.
 *
 * <p>It lives in the open scope. Programs compute with ATen's operators only: no code in the file is run, no other file
 * is touched.
 */
public final class Program extends Network implements LoadedModel {
    /** What to do about a program that does not take any number of examples. */
    private static final String FREE = "have Python export it with a free first size: dynamic_shapes=({0: batch},)";

    private final ProgramFile file;
    private final Map<String, ExportedGraph> graphs;
    private final ModelDescription description;

    @SuppressWarnings("UnusedVariable") // holds what the garbage collector may not take before this program
    private final ModuleTree<?> modules;

    private String device; // where it computes, whatever device it was exported on
    private ReorderedWeights reordered = ReorderedWeights.NONE;
    private volatile Mode untrained = Mode.EVALUATION;

    private Program(ProgramFile file, Device device, Map<String, ExportedGraph> graphs) {
        super("Program");
        this.file = file;
        this.graphs = graphs;
        modules = ModuleTree.register(file.stored(), this);
        to(device, false);
        eval();
        Map<String, ModelMethod> methods = new LinkedHashMap<>();
        graphs.forEach((name, graph) -> methods.put(name, graph.method()));
        long weights = state().values().stream().mapToLong(Tensor::numel).sum();
        String kind = Format.EXPORTED_PROGRAM.words() + " (" + file.writtenBy() + ")";
        description = new ModelDescription(kind, methods, weights, workload().pool(false), file.record());
    }

    /** Opens a file on the CPU, as {@link #open(Path, Device)} does. */
    public static Program open(Path path) {
        return open(path, new Device("cpu"));
    }

    /**
     * Opens a file that this project or Python saved, in the open scope. Its main program is called "forward".
     *
     * @throws LibTorchException where it is malformed, or has a program that cannot be run, or where the device is a
     *     GPU and none can be used
     */
    public static Program open(Path path, Device device) {
        LibTorch.requireUsable(device);
        ProgramFile file = null;
        try (ExportedArchive archive = new ExportedArchive(path)) {
            file = new ProgramFile(path, archive);
            Map<String, ExportedGraph> graphs = new LinkedHashMap<>();
            for (String name : archive.names(ProgramFile.GRAPHS, ProgramFile.JSON)) {
                ExportedGraph graph = GraphReader.read(file, name, device);
                if (graphs.put(graph.method().name(), graph) != null)
                    throw new IllegalArgumentException(
                            "there are two programs " + graph.method().name());
            }
            if (graphs.isEmpty()) throw new IllegalArgumentException("there is no program in it");
            return new Program(file, device, graphs);
        } catch (FileSystemException e) {
            throw AtomicFile.cannotRead(path, "check the path and its permissions", e);
        } catch (IOException e) {
            throw cannotOpen(path, file, AtomicFile.reason(e), e);
        } catch (RuntimeException e) {
            throw cannotOpen(path, file, LibTorch.firstLine(e), e);
        }
    }

    private static LibTorchException cannotOpen(Path path, @Nullable ProgramFile file, String why, Exception e) {
        String writtenBy = file == null || file.writtenBy().isEmpty() ? "" : "; it is of " + file.writtenBy();
        return new LibTorchException(
                path + " cannot be opened as an exported program (" + why + writtenBy + ")",
                file == null || file.readable()
                        ? "name a .pt2 file saved by this project or by torch.export.save"
                        : "have PyTorch 2.10 export the network and save it with torch.export.save",
                e);
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    @Override
    public List<Tensor> call(String method, List<Tensor> arguments) {
        requireOpen();
        Mode mode = is_training() ? Mode.TRAINING : untrained;
        return Objects.requireNonNull(graphs.get(description.method(method).name()))
                .call(arguments, mode, new Device(device), reordered);
    }

    /** Says whether it answers, but in training, in the mode that it was exported in, or in eval mode. */
    @Override
    public void answerAsExported(boolean asExported) {
        untrained = asExported ? Mode.EXPORTED : Mode.EVALUATION;
    }

    /** Keeps weights in the order that suits calls, for a program whose weights nobody can change. */
    void reorderWeights() {
        reordered = new ReorderedWeights(
                file.stored().values().stream().map(Stored::tensor).toList());
    }

    /**
     * Calls forward with one argument and returns its first result. In eval mode it takes any number of examples; those
     * that the program does not take at once are computed in several calls, the last of them filled up.
     *
     * @throws OperatorException where the program takes other types or sizes, in training also another number of
     *     examples, or libtorch refuses what it computes
     */
    @Override
    public Activation forward(Activation x) {
        List<ModelInput> inputs = description.method("forward").inputs();
        if (x.tracer() != null || is_training() || inputs.size() != 1)
            return call("forward", x).get(0);
        try {
            return Activation.of(inputs.get(0).inBatches(x.tensor(), part -> call("forward", part)));
        } catch (IllegalArgumentException e) { // which a Trainer would take for one of the caller's own
            throw new OperatorException("Program", LibTorch.firstLine(e), e);
        }
    }

    /**
     * Calls a method inside a network. A trace has the operators that it calls, in eval mode, so that files of the
     * network have the program too; sizes other than the number of examples are fixed there.
     *
     * @throws OperatorException where the method takes other types or sizes, or libtorch refuses what it computes
     * @throws LibTorchException where it is traced, and does not take two and three examples, takes numbers, or has
     *     control flow or numbers that depend on tensors
     */
    public List<Activation> call(String method, Activation... arguments) {
        List<Activation> given = List.of(arguments);
        Tracer tracer = given.stream()
                .map(Activation::tracer)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        try {
            if (tracer != null) {
                if (description.method(method).inputs().stream().anyMatch(ModelInput::number))
                    throw tracer.cannotSave(
                            "a program inside it takes a number", "save the program by itself, as .pt2");
                return tracer.inline(this, given, tensors -> call(method, tensors));
            }
            return call(method, given.stream().map(Activation::tensor).toList()).stream()
                    .map(Activation::of)
                    .toList();
        } catch (IllegalArgumentException e) {
            if (tracer != null) throw tracer.cannotSave("the program inside it: " + LibTorch.firstLine(e), FREE);
            throw new OperatorException("Program", LibTorch.firstLine(e), e);
        }
    }

    /** Does nothing: it is saved with the methods that it was opened with. */
    @Override
    public void requireTraceable(Tensor example) {}

    /** Returns the pool whose threads it uses most in training. */
    public LibTorch.Pool trainingPool() {
        return workload().pool(true);
    }

    private Workload workload() {
        return graphs.values().iterator().next().workload();
    }

    /**
     * Keeps parameters from being trained; the running statistics of batch norm still move in train mode.
     *
     * @param pattern of their names, in which * stands for any characters, as "layer1.*"
     * @throws IllegalArgumentException where no parameter has such a name
     */
    public Program freeze(String pattern) {
        requireOpen();
        Pattern names = Pattern.compile(
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
        List<Stored> frozen = file.stored().entrySet().stream()
                .filter(e -> names.matcher(e.getKey()).matches())
                .map(Map.Entry::getValue)
                .filter(tensor -> tensor.kind().equals("parameter"))
                .toList();
        if (frozen.isEmpty()) throw new IllegalArgumentException("no parameter is called " + pattern);
        frozen.forEach(tensor -> tensor.tensor().set_requires_grad(false));
        return this;
    }

    /** Returns all parameters and buffers that the file has as weights, by name, in its order. */
    @Override
    public Map<String, Tensor> state() {
        requireOpen();
        Map<String, Tensor> state = new LinkedHashMap<>();
        file.stored().forEach((name, tensor) -> {
            if (!tensor.kind().equals("constant")) state.put(name, tensor.tensor());
        });
        return state;
    }

    @Override
    public void to(Device device, boolean nonBlocking) {
        super.to(device, nonBlocking);
        this.device = device.str().getString();
    }

    /** Moves it to a device; it keeps the types of numbers that it was exported with. */
    @Override
    public void to(Device device, ScalarType type, boolean nonBlocking) {
        to(device, nonBlocking);
    }

    /**
     * Saves it: as .pt2, which {@code torch.export.load} opens, with the same programs, the new weights and in eval
     * mode; or as .pth or .safetensors, the weights alone. {@link Networks#save} saves it in other formats.
     *
     * @throws LibTorchException where the file cannot be written, or the one that it was opened from has changed
     */
    public void save(Path path) {
        save(path, Map.of());
    }

    /**
     * Saves it with texts that travel in the file.
     *
     * @param texts by name, as the run record
     */
    public void save(Path path, Map<String, String> texts) {
        requireOpen();
        switch (Format.named(path)) {
            case EXPORTED_PROGRAM -> ProgramWriter.write(path, file, texts);
            case STATE_DICT -> StateDict.save(path, state(), texts);
            case SAFETENSORS -> Safetensors.save(path, state(), texts);
            default -> throw new LibTorchException(path + " needs examples", "save it with Networks.save");
        }
    }
}
