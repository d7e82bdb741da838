package libtorch.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SharedModuleVector;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network of libtorch's modules. It is written once, as methods from {@link Activation} to {@link Activation}:
 * training calls them, and files are traced from them.
 */
public abstract class Network extends LayerFactory {
    static {
        LibTorch.ensureLoaded();
    }

    // keeps them reachable as long as this network, since libtorch calls their methods
    private final List<Module> parts = new ArrayList<>();

    protected Network(String name) {
        super(name);
    }

    /** Computes the outputs, which the loss compares with the targets. */
    public abstract Activation forward(Activation x);

    /**
     * Calls {@link #forward(Activation)} without a trace.
     *
     * @throws OperatorException if an operator rejects its arguments
     * @throws IllegalStateException if the network was freed with the scope that it was made in
     */
    public final Tensor forward(Tensor x) {
        requireOpen();
        try {
            return forward(Activation.of(x)).tensor();
        } catch (RuntimeException e) {
            if (!LibTorch.isNative(e)) throw e;
            throw new OperatorException(name().getString(), LibTorch.firstLine(e), e);
        }
    }

    /** Throws an IllegalStateException if the network was freed with its scope. */
    public final void requireOpen() {
        if (isNull()) throw new IllegalStateException("the network was freed with the PointerScope it was made in");
    }

    /**
     * Checks that all layers in fields of this network, and of its blocks, are registered: others are neither trained
     * nor saved.
     *
     * @throws IllegalStateException if one is not, or if the network was freed
     */
    public final void requireRegistered() {
        inEvalMode(() -> {
            UnregisteredLayers.requireNone(this, new HashSet<>()); // eval mode reaches those that are registered
            return this;
        });
    }

    /** Calls a function in eval mode; the mode of each layer is restored afterwards. */
    public final <R> R inEvalMode(Supplier<R> function) {
        requireOpen();
        List<Boolean> training = new ArrayList<>();
        forEachModule((module, i) -> training.add(module.is_training()));
        if (!training.contains(true)) return function.get();
        eval();
        try {
            return function.get();
        } finally {
            // submodules come after their parents, whose train() sets their modes too
            forEachModule((module, i) -> module.train(training.get(i)));
        }
    }

    private void forEachModule(ObjIntConsumer<Module> consumer) {
        try (PointerScope scope = new PointerScope()) {
            SharedModuleVector modules = modules();
            for (int i = 0; i < modules.size(); i++) consumer.accept(modules.get(i), i);
        }
    }

    @Override
    public final void to(Device device, boolean nonBlocking) {
        super.to(device, nonBlocking);
        networks().forEach(network -> network.movedTo(device));
    }

    /**
     * Moves it to a device, and its floating-point parameters and buffers to a type, as Python does, except those of
     * exported programs, whose types are fixed.
     */
    @Override
    public final void to(Device device, ScalarType type, boolean nonBlocking) {
        to(device, nonBlocking);
        Set<Long> ofPrograms = tensorsOfPrograms();
        for (Tensor tensor : tensors())
            if (tensor.is_floating_point() && !ofPrograms.contains(Tracer.address(tensor)))
                tensor.set_data(tensor.to(type));
    }

    /** Is called after this network, or one that it is a block of, was moved to a device. */
    protected void movedTo(Device device) {}

    /** Returns whether it is an exported program, whose tensors keep their types and their names. */
    protected boolean isProgram() {
        return false;
    }

    private List<Tensor> tensors() {
        return Stream.of(named_parameters(), named_buffers())
                .flatMap(tensors -> named(tensors).values().stream())
                .toList();
    }

    private Set<Long> tensorsOfPrograms() {
        return addresses(programs().flatMap(program -> program.tensors().stream()));
    }

    private static Set<Long> addresses(Stream<Tensor> tensors) {
        return tensors.map(Tracer::address).collect(Collectors.toSet());
    }

    private Stream<Network> programs() {
        return networks().filter(Network::isProgram);
    }

    /** Returns this network and its blocks. */
    private Stream<Network> networks() {
        return Stream.concat(
                Stream.of(this),
                parts.stream().filter(Network.class::isInstance).flatMap(block -> ((Network) block).networks()));
    }

    final boolean hasBlock(Network block) {
        return parts.contains(block);
    }

    /**
     * Checks that its methods can be saved, not only its weights.
     *
     * @param example an input of {@code forward}
     * @throws LibTorchException if a method, or a layer, cannot be traced
     */
    public void requireTraceable(Tensor example) {
        Tracer.trace(this, example);
    }

    /** Returns the device of its weights. */
    public final Device device() {
        return state().values().stream().findFirst().map(Tensor::device).orElseGet(() -> new Device("cpu"));
    }

    /**
     * Returns the methods to save in files.
     *
     * @param x an input of forward, from which examples for all arguments are made
     */
    public List<NetworkMethod> methods(Activation x) {
        return List.of(NetworkMethod.of("forward", "x", x, this::forward));
    }

    /** Adds a network as a submodule of this one; its name prefixes those of its weights. */
    protected final <N extends Network> N block(String name, N block) {
        block.requireOpen();
        parts.add(block);
        return register_module(name, block);
    }

    /**
     * Adds a list of networks, whose weights are named "name.0", "name.1" and so on, as in Python's Sequential and
     * ModuleList.
     *
     * @param block makes each of them, from its index
     */
    protected final <N extends Network> List<N> blocks(String name, int count, IntFunction<N> block) {
        Module list = register_module(name, new Module(name));
        List<N> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) blocks.add(list.register_module(Integer.toString(i), block.apply(i)));
        parts.add(list);
        parts.addAll(blocks);
        return List.copyOf(blocks);
    }

    /** Adds a parameter, a copy of a tensor. */
    protected final Tensor parameter(String name, Tensor value) {
        Tensor parameter = value.detach().clone();
        register_parameter(name, parameter, /*requires_grad*/ true);
        return parameter;
    }

    /**
     * Adds a buffer, a copy of a tensor that is not trained, but saved with the weights and moved to their device; one
     * whose name begins with _ is saved only in files whose methods use it.
     */
    protected final Tensor buffer(String name, Tensor value) {
        Tensor buffer = value.detach().clone();
        register_buffer(name, buffer); // what this returns is a reference that the next call may leave dangling
        return buffer;
    }

    /**
     * Returns all parameters and then all buffers, by name; in the open scope. A buffer whose name begins with _ is
     * left out, as those that Python registers with {@code persistent=False}, and constants of an exported program.
     */
    public Map<String, Tensor> state() {
        requireOpen();
        Map<String, Tensor> state = named(named_parameters());
        Set<Long> ofPrograms = tensorsOfPrograms();
        Set<Long> savedOfPrograms = addresses(programs().flatMap(program -> program.state().values().stream()));
        named(named_buffers()).forEach((name, buffer) -> {
            boolean saved = ofPrograms.contains(Tracer.address(buffer))
                    ? savedOfPrograms.contains(Tracer.address(buffer))
                    : !name.substring(name.lastIndexOf('.') + 1).startsWith("_");
            if (saved) state.put(name, buffer);
        });
        return state;
    }

    static Map<String, Tensor> named(StringTensorDict tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (long i = 0; i < tensors.size(); i++) {
            // A handle of its own: the value is a reference into the list, which the garbage collector may free first.
            named.put(
                    tensors.get(i).key().getString(), new Tensor(tensors.get(i).value()));
        }
        return named;
    }

    /**
     * Copies weights into the parameters and buffers.
     *
     * @param weights one for each parameter and buffer, by name, of the same shape
     */
    public final void load(Map<String, Tensor> weights) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            state().forEach((name, tensor) -> {
                Tensor given = weights.get(name);
                if (given == null) throw new IllegalArgumentException("there is no weight " + name);
                if (!Arrays.equals(given.shape(), tensor.shape()))
                    throw new IllegalArgumentException("weight " + name + " is of shape "
                            + Arrays.toString(given.shape()) + ", not " + Arrays.toString(tensor.shape()));
                tensor.copy_(given);
            });
        }
    }

    /**
     * Returns the network as it is saved: its weights, and the other buffers that methods use. They are copies on the
     * CPU, in the open scope; floating-point ones are float32, except those of exported programs.
     *
     * @param methods as {@link Tracer#trace} returned them
     */
    public final SavedNetwork snapshot(List<MethodGraph> methods) {
        Map<String, Tensor> buffers = named(named_buffers());
        Set<String> saved = new HashSet<>(state().keySet());
        for (MethodGraph method : methods)
            method.nodes().forEach(node -> node.weights().forEach(weight -> saved.add(weight.name())));
        buffers.keySet().retainAll(saved);
        return new SavedNetwork(name().getString(), methods, copies(named(named_parameters())), copies(buffers));
    }

    private Map<String, Tensor> copies(Map<String, Tensor> tensors) {
        Set<Long> ofPrograms = tensorsOfPrograms();
        tensors.replaceAll((name, tensor) -> {
            boolean converted = tensor.is_floating_point() && !ofPrograms.contains(Tracer.address(tensor));
            ScalarType type =
                    converted ? ScalarType.Float : tensor.scalar_type().intern();
            return tensor.detach().to(new Device("cpu"), type).clone();
        });
        return tensors;
    }
}
