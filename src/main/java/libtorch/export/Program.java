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
import libtorch.nn.NetworkMethod;
import libtorch.nn.OperatorException;
import libtorch.nn.Tracer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
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
 * <p>It is opened in eval mode. {@code train(true)} sets train mode for batch norm, dropout and similar operators, in
 * whichever mode it was exported; other effects of that mode, as the branch that an {@code if} took, are fixed. In eval
 * mode a call changes neither weights nor arguments, and any number of threads may call at the same time.
 *
 * <p>It lives in the open scope. Programs compute with ATen's operators only: no code in the file is run, no other file
 * is touched.
 */
public final class Program extends Network implements LoadedModel {
    /** The remedy for a program that does not take what a trace gives it. */
    private static final String FREE =
            "give it what it takes; the number of examples must be free, from 3 to 7 at least:"
                    + " dynamic_shapes=({0: torch.export.Dim('n', min=2)},)";

    private final ProgramFile file;
    private final Map<String, ExportedGraph> graphs;
    private final ModelDescription description;

    @SuppressWarnings("UnusedVariable") // keeps the modules reachable
    private final ModuleTree<?> modules;

    private String device = "cpu"; // where it computes, regardless of the device it was exported on
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
     * @throws LibTorchException if it is malformed or has a program that is not supported, or if the device is a GPU
     *     and none can be used
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
        String writtenBy = file == null || file.writtenBy().isEmpty() ? "" : "; it has " + file.writtenBy();
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

    /** Sets whether it runs, outside training, in the mode that it was exported in or in eval mode. */
    @Override
    public void answerAsExported(boolean asExported) {
        untrained = asExported ? Mode.EXPORTED : Mode.EVALUATION;
    }

    /** Keeps weights in oneDNN's order, for a program whose weights cannot change. */
    void reorderWeights() {
        reordered = new ReorderedWeights(
                file.stored().values().stream().map(Stored::tensor).toList());
    }

    /**
     * Calls forward with one argument and returns its first result. In eval mode it takes any number of examples; those
     * that the program does not take at once are computed in several calls, the last of them padded.
     *
     * @throws OperatorException if the types or sizes, in training also the number of examples, do not fit the program,
     *     or if an operator rejects its arguments
     */
    @Override
    public Activation forward(Activation x) {
        List<ModelInput> inputs = description.method("forward").inputs();
        if (x.tracer() != null || is_training() || inputs.size() != 1)
            return call("forward", x).get(0);
        try {
            return Activation.of(inputs.get(0).inBatches(x.tensor(), part -> call("forward", part)));
        } catch (IllegalArgumentException e) { // which a Trainer would rethrow as the caller's
            throw new OperatorException("Program", LibTorch.firstLine(e), e);
        }
    }

    /**
     * Calls a method inside a network. A trace records the operators that it calls, in eval mode, so that files of the
     * network contain the program; sizes other than the number of examples are fixed there.
     *
     * @throws OperatorException if the types or sizes do not fit the method, or if an operator rejects its arguments
     * @throws LibTorchException if it is traced, and does not take three and seven examples, takes numbers, or has
     *     control flow or numbers that are computed from tensors
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
                            "an exported program takes a number", "save the program by itself, as .pt2");
                return tracer.inline(this, given, tensors -> call(method, tensors));
            }
            return call(method, given.stream().map(Activation::tensor).toList()).stream()
                    .map(Activation::of)
                    .toList();
        } catch (IllegalArgumentException e) {
            if (tracer != null) throw tracer.cannotSave("its exported program: " + LibTorch.firstLine(e), FREE);
            throw new OperatorException("Program", LibTorch.firstLine(e), e);
        }
    }

    /** Returns its methods, with {@code x} for the first input of forward, and zeros for other inputs. */
    @Override
    public List<NetworkMethod> methods(Activation x) {
        return description.methods().values().stream()
                .map(method -> new NetworkMethod(
                        method.name(),
                        ModelInput.names(method.inputs()),
                        ModelInput.examples(method, x.tensor()).stream()
                                .map(Activation::of)
                                .toList(),
                        arguments -> call(method.name(), arguments.toArray(Activation[]::new))))
                .toList();
    }

    /** Does nothing: it is saved with the methods that it was opened with. */
    @Override
    public void requireTraceable(Tensor example) {}

    /** Returns the thread pool that computes most of a training step. */
    public LibTorch.Pool trainingPool() {
        return workload().pool(true);
    }

    private Workload workload() {
        return graphs.values().iterator().next().workload();
    }

    /**
     * Freezes parameters; the running statistics of batch norm are still updated in train mode.
     *
     * @param pattern of their names, in which * stands for any characters, as "layer1.*"
     * @throws IllegalArgumentException if no parameter has such a name
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
    protected void movedTo(Device device) {
        this.device = device.str().getString();
    }

    @Override
    protected boolean isProgram() {
        return true;
    }

    /**
     * Saves it: as .pt2, which {@code torch.export.load} opens, with the same programs, the new weights and in eval
     * mode; or as .pth or .safetensors, the weights alone. {@link Networks#save} saves it in other formats.
     *
     * @throws LibTorchException if the file cannot be written, or the one that it was opened from has changed
     */
    public void save(Path path) {
        save(path, Map.of());
    }

    /**
     * Saves it with texts in the file.
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
