package libtorch.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.OperatorException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A model from a file: TorchScript, a program that {@code torch.export} saved, or one that AOTInductor compiled,
 * recognised by the file's content. TorchScript runs in eval mode. A program runs as in Python, in the mode in which it
 * was exported, until {@link #eval} is called; {@link Program} has both modes.
 *
 * <pre>{@code
 * LibTorch.load(4);
 * try (Model model = Model.open(Path.of("resnet18.pt2"))) {
 *     float[] logits = model.call(pixels, 1, 3, 224, 224);
 *     float[] other = model.with("ids", ids, 1, 7).with("mask", mask, 1, 7).call().floats("logits");
 * }
 * }</pre>
 *
 * <p>It lives until it is closed, regardless of the open {@link PointerScope}. Tensors that it returns belong to the
 * scope that is open during the call or, without one, are closed by the caller. Any number of threads may call it at
 * the same time. Calls change neither the weights nor the arguments of an exported program; TorchScript may change
 * both.
 */
public final class Model implements AutoCloseable {
    static {
        LibTorch.ensureLoaded();
    }

    private final Path file;
    private final String device;
    private final PointerScope scope;
    private final LoadedModel loaded;
    private int calls; // running
    private boolean closed;

    private Model(Path file, Device device, boolean trusted) {
        this.file = file;
        scope = new PointerScope();
        try {
            this.device = device.str().getString();
            loaded = load(file, device, trusted);
            scope.extend(); // so that close() only reopens the outer scope
        } finally {
            scope.close();
        }
    }

    private static LoadedModel load(Path file, Device device, boolean trusted) {
        LibTorch.requireUsable(device);
        Format kind = Format.of(file);
        if (kind == Format.TORCH_SCRIPT) return ScriptModel.load(file, device);
        if (kind == Format.COMPILED && trusted) return CompiledModel.load(file, device);
        if (kind != Format.EXPORTED_PROGRAM) throw kind.refused(file);
        Program program = Program.open(file, device);
        program.answerAsExported(true);
        program.reorderWeights();
        return program;
    }

    /** Opens a file on the CPU. */
    public static Model open(Path file) {
        return open(file, new Device("cpu"));
    }

    /**
     * Opens a file. TorchScript is code, so open only files that you trust.
     *
     * @throws LibTorchException if it is no such file, holds weights alone, or was compiled, or if the device is a GPU
     *     and none can be used
     */
    public static Model open(Path file, Device device) {
        return new Model(file, device, false);
    }

    /**
     * Opens a file that may be compiled, as {@code torch._inductor.aoti_compile_and_package} writes them. Such a file
     * is machine code, which can do whatever this process can: open only what you trust.
     *
     * @throws LibTorchException if it is no model, or was compiled for another device, processor or libtorch
     */
    public static Model openTrusted(Path file, Device device) {
        return new Model(file, device, true);
    }

    /** Returns whether a file is machine code, so that only {@link #openTrusted} opens it. */
    public static boolean isCompiled(Path file) {
        return Format.of(file) == Format.COMPILED;
    }

    /**
     * Sets eval mode, in which dropout is off and batch norm uses its running statistics; returns the model.
     *
     * @throws IllegalStateException if the mode is compiled into it
     */
    public Model eval() {
        return whileOpen(() -> {
            loaded.answerAsExported(false);
            return this;
        });
    }

    /** Returns the file's description of the model. */
    public ModelDescription description() {
        return loaded.description();
    }

    /** Returns the names of the methods; that of the network itself is "forward". */
    public Set<String> methods() {
        return whileOpen(() -> description().methods().keySet());
    }

    public boolean has(String method) {
        return methods().contains(method);
    }

    /** Returns the inputs of a method, in their order. */
    public List<ModelInput> inputs(String method) {
        return description().method(method).inputs();
    }

    /** Returns the model's device, in the open scope. */
    Device device() {
        return new Device(device);
    }

    /**
     * Calls a method.
     *
     * @throws IllegalArgumentException if there is no such method, or the arguments' types or sizes do not fit
     * @throws OperatorException if an operator rejects its arguments
     * @throws IllegalStateException if the model is closed
     */
    public List<Tensor> call(String method, List<Tensor> arguments) {
        return new ArrayList<>(callNamed(method, arguments).values());
    }

    /** Calls a method with arguments in their order, and returns its results by name. */
    Map<String, Tensor> callNamed(String method, List<Tensor> arguments) {
        arguments.forEach(Tensors::requireOpen);
        return whileOpen(() -> {
            PointerScope caller = PointerScope.getInnerScope();
            Map<String, Tensor> results = new LinkedHashMap<>();
            try (PointerScope inner = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                loaded.callNamed(method, arguments).forEach((name, tensor) -> {
                    Tensor result = new Tensor(tensor);
                    if (caller != null) caller.attach(result);
                    else result.retainReference();
                    results.put(name, result);
                });
            }
            return results;
        });
    }

    /**
     * Calls a method with arguments and results by name.
     *
     * @param arguments by the names of the inputs, or as 0, 1, ... in their order
     * @throws IllegalArgumentException if the method has other inputs
     */
    public Map<String, Tensor> call(String method, Map<String, Tensor> arguments) {
        return callNamed(method, description().method(method).inOrder(arguments));
    }

    /** Calls a method of one argument, and returns its first result. */
    public Tensor call(String method, Tensor argument) {
        return call(method, List.of(argument)).get(0);
    }

    /**
     * Calls forward with one input of floating-point numbers, and returns the numbers of its first result.
     *
     * @param values row-major
     * @param shape sizes, whose product is the number of values
     */
    public float[] call(float[] values, long... shape) {
        return new ModelCall(this).with("0", values, shape).call().floats();
    }

    /** Calls forward with one input of integers, and returns the numbers of its first result. */
    public float[] call(long[] values, long... shape) {
        return new ModelCall(this).with("0", values, shape).call().floats();
    }

    /** Begins a call with several inputs by name. */
    public ModelCall with(String input, float[] values, long... shape) {
        return new ModelCall(this).with(input, values, shape);
    }

    /** Begins a call with several inputs by name. */
    public ModelCall with(String input, long[] values, long... shape) {
        return new ModelCall(this).with(input, values, shape);
    }

    private <R> R whileOpen(Supplier<R> use) {
        begin();
        try {
            return use.get();
        } finally {
            end();
        }
    }

    private synchronized void begin() {
        if (closed) throw new IllegalStateException("model " + file.getFileName() + " is closed");
        calls++;
    }

    private synchronized void end() {
        calls--;
        if (closed && calls == 0) free();
    }

    private void free() {
        loaded.dispose();
        scope.close();
    }

    /** Rejects new calls, and frees the model when the running ones are done. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        if (calls == 0) free();
    }
}
