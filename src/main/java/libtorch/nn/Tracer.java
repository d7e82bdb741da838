package libtorch.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import libtorch.LibTorchException;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Traces the methods of a network to graphs, by calling them with activations that record operators. */
public final class Tracer {
    /** The remedy for a tensor that is computed outside the trace. */
    private static final String INSIDE = "compute it with methods of Activation, or with call(\"operator\", …)";

    /** The remedy for a graph that depends on the number of examples. */
    private static final String ANY_NUMBER = "give the number of examples as x.size(0), or as -1 in view, and let"
            + " neither an if nor a loop depend on it";

    /** Classes between a network's method and the trace. */
    private static final Pattern OWN =
            Pattern.compile("java\\..*|libtorch\\.(nn\\.(Tracer|Activation|Layers|OperatorRecorder)|export\\.Program)");

    private final Network network;
    private final Map<Long, String> state = new HashMap<>(); // names of parameters and buffers, by their address
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> tensorCalls = new LinkedHashSet<>(); // the lines that called tensor()
    private final Set<String> mayBeUnused; // weights of exported programs inside the network
    private boolean fused;

    private Tracer(Network network, Set<String> mayBeUnused) {
        this.network = network;
        this.mayBeUnused = mayBeUnused;
        for (StringTensorDict tensors : List.of(network.named_parameters(), network.named_buffers()))
            Network.named(tensors).forEach((name, tensor) -> state.put(address(tensor), name));
    }

    /**
     * Traces all methods of a network, in eval mode, with inputs of zeros for three and for seven examples: the two
     * graphs may differ in the number of examples only.
     *
     * @param shape of one input of {@code forward}, without the number of examples
     * @throws LibTorchException if a method, or a layer, cannot be written to a file
     */
    public static List<MethodGraph> trace(Network network, long... shape) {
        if (Arrays.stream(shape).anyMatch(size -> size < 0))
            throw new IllegalArgumentException("an input cannot be of shape " + Arrays.toString(shape));
        try (PointerScope scope = new PointerScope()) {
            ScalarType type = network.state().values().stream()
                    .filter(Tensor::is_floating_point)
                    .findFirst()
                    .map(Tensor::scalar_type)
                    .orElse(ScalarType.Float);
            long[] sizes =
                    LongStream.concat(LongStream.of(0), LongStream.of(shape)).toArray();
            return trace(network, torch.zeros(sizes, new TensorOptions(type)));
        }
    }

    /**
     * Traces all methods of a network as {@link #trace(Network, long...)} does, for inputs of another type, as token
     * ids.
     *
     * @param example an input of {@code forward}, of which only the type and all sizes but the first are used
     * @throws LibTorchException if a method, or a layer, cannot be written to a file
     */
    public static List<MethodGraph> trace(Network network, Tensor example) {
        if (example.dim() == 0)
            throw new IllegalArgumentException("an example has no dimension, and the first counts examples");
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            return network.inEvalMode(() -> {
                Set<String> mayBeUnused = new HashSet<>();
                List<MethodGraph> few = traceAll(network, 3, example, mayBeUnused);
                List<MethodGraph> many = traceAll(network, 7, example, mayBeUnused);
                List<MethodGraph> graphs = new ArrayList<>();
                for (int i = 0; i < few.size(); i++) graphs.add(merged(network, few.get(i), many.get(i)));
                requireAllLayers(network, graphs, mayBeUnused);
                return graphs;
            });
        }
    }

    private static List<MethodGraph> traceAll(Network network, long examples, Tensor example, Set<String> mayBeUnused) {
        long[] sizes = example.shape();
        sizes[0] = examples;
        TensorOptions options = new TensorOptions(example.scalar_type()).device(new DeviceOptional(network.device()));
        return network.methods(Activation.of(torch.zeros(sizes, options))).stream()
                .map(method -> new Tracer(network, mayBeUnused).trace(method))
                .toList();
    }

    private MethodGraph trace(NetworkMethod method) {
        List<Symbol> inputs = new ArrayList<>();
        List<Activation> values = new ArrayList<>();
        for (int i = 0; i < method.parameters().size(); i++) {
            String name = method.parameters().get(i);
            Tensor example = method.examples().get(i).tensor();
            names.add(name);
            inputs.add(Symbol.of(name, example));
            values.add(new Activation(example, this, name));
        }
        List<String> outputs = new ArrayList<>();
        for (Activation result : method.body().apply(values)) {
            if (result.tracer() != this)
                throw cannotSave(
                        "what " + method.name() + " returns was not computed by methods of Activation", INSIDE);
            outputs.add(result.name());
        }
        return new MethodGraph(method.name(), inputs, List.copyOf(nodes), outputs, fused);
    }

    // Called by activations

    /** Records a call, and returns its results as activations of this trace. */
    List<Activation> record(OperatorCall call, List<Tensor> results) {
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        call.arguments().forEach((name, argument) -> arguments.put(name, recorded(argument)));
        String operator = call.operator().name();
        String function = operator.replaceFirst("\\..*", "");
        List<Symbol> symbols = new ArrayList<>();
        List<Activation> activations = new ArrayList<>();
        for (Tensor result : results) {
            String name = function;
            for (int i = 1; !names.add(name); i++) name = function + "_" + i;
            symbols.add(Symbol.of(name, result));
            activations.add(new Activation(result, this, name));
        }
        nodes.add(new Node(operator, arguments, symbols));
        return activations;
    }

    private @Nullable Object recorded(@Nullable Object argument) {
        if (argument instanceof Tensor tensor) return new State(nameOf(tensor));
        if (argument instanceof Activation activation) {
            if (activation.tracer() == this) return new Ref(activation.name());
            String name = state.get(address(activation.tensor));
            if (name != null) return new State(name);
            throw cannotSave(
                    "the value at " + line() + " was not computed from the method's arguments",
                    INSIDE + ", or make it a buffer");
        }
        if (!(argument instanceof List<?> list)) return argument;
        List<@Nullable Object> elements = new ArrayList<>();
        for (Object element : list) elements.add(recorded(element));
        return elements;
    }

    String nameOf(Tensor parameter) {
        String name = state.get(address(parameter));
        if (name != null) return name;
        throw cannotSave(
                "the layer or tensor at " + line() + " was not registered",
                "add it with a method of Network such as linear or buffer, or with register_module");
    }

    static long address(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /**
     * Runs a submodule that calls operators of ATen on tensors, as an exported program does, and records them.
     *
     * @param arguments activations of this trace
     * @param computation returns tensors computed from those of the arguments
     */
    public List<Activation> inline(
            Network submodule, List<Activation> arguments, Function<List<Tensor>, List<Tensor>> computation) {
        submodule.state().values().forEach(tensor -> mayBeUnused.add(nameOf(tensor)));
        recordFusion(); // files call linear layers of a program in another way than the program does
        return OperatorRecorder.run(this, arguments, computation);
    }

    /** Returns whether {@link #inline} records the operators that are called in this thread. */
    public static boolean isInlining() {
        return OperatorRecorder.current() != null;
    }

    /** Throws if {@link #inline} records: a trace cannot have this part of a program. */
    public static void requireNoInlining(String part) {
        OperatorRecorder recorder = OperatorRecorder.current();
        if (recorder != null) throw recorder.cannotSave(part);
    }

    /** Records that the network computes some operators of this graph in another way, as two in one. */
    void recordFusion() {
        fused = true;
    }

    /** Records the line of a network's method that calls tensor(). */
    void recordTensorCall() {
        tensorCalls.add(line());
    }

    /** Returns the line of the network's method that called a method of Activation, as "Block.java:21". */
    private static String line() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(
                                frame -> !OWN.matcher(frame.getClassName()).matches())
                        .findFirst()
                        .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                        .orElse("an unknown line"));
    }

    /** Returns the exception for a network that cannot be traced. */
    public LibTorchException cannotSave(String why, String remedy) {
        String where = tensorCalls.isEmpty() ? "" : " (tensor() is called at " + String.join(", ", tensorCalls) + ")";
        return cannotSave(network, why + where, remedy);
    }

    private static LibTorchException cannotSave(Network network, String why, String remedy) {
        return new LibTorchException(network.name().getString() + " cannot be saved: " + why, remedy);
    }

    // Checks of the graphs

    /** Merges the graphs for three and for seven examples to one for any number. */
    private static MethodGraph merged(Network network, MethodGraph few, MethodGraph many) {
        try {
            if (many.nodes().size() > few.nodes().size())
                throw new IllegalArgumentException("calls more operators with seven examples than with three");
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < few.nodes().size(); i++) {
                Node node = few.nodes().get(i);
                if (i >= many.nodes().size()) throw different(node);
                nodes.add(merged(node, many.nodes().get(i)));
            }
            List<Symbol> inputs = merged(few.inputs(), many.inputs());
            return new MethodGraph(few.method(), inputs, nodes, few.outputs(), few.fused());
        } catch (IllegalArgumentException e) {
            throw cannotSave(network, few.method() + " " + e.getMessage(), ANY_NUMBER);
        }
    }

    private static IllegalArgumentException different(Node node) {
        return new IllegalArgumentException("does something else with three examples than with seven, at "
                + node.operator() + " " + node.arguments());
    }

    private static Node merged(Node few, Node many) {
        boolean same = few.operator().equals(many.operator())
                && few.results().size() == many.results().size()
                && few.arguments().keySet().equals(many.arguments().keySet());
        if (!same) throw different(few);
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        few.arguments()
                .forEach((name, value) ->
                        arguments.put(name, merged(few, value, many.arguments().get(name))));
        return new Node(few.operator(), arguments, merged(few.results(), many.results()));
    }

    /** Merges the arguments of a node to that for any number of examples. */
    private static @Nullable Object merged(Node node, @Nullable Object few, @Nullable Object many) {
        if (Objects.equals(few, many)) return few;
        if (few instanceof Long a && many instanceof Long b && isMultiple(a, b)) return new Size(a / 3);
        if (!(few instanceof List<?> a && many instanceof List<?> b && a.size() == b.size())) throw different(node);
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) elements.add(merged(node, a.get(i), b.get(i)));
        return elements;
    }

    /** Returns whether sizes with three examples and with seven are the same multiple of the number of examples. */
    private static boolean isMultiple(long few, long many) {
        return few > 0 && few % 3 == 0 && many == few / 3 * 7;
    }

    private static List<Symbol> merged(List<Symbol> few, List<Symbol> many) {
        List<Symbol> symbols = new ArrayList<>();
        for (int i = 0; i < few.size(); i++) {
            Symbol symbol = few.get(i);
            List<Long> other = many.get(i).shape();
            if (symbol.shape().size() != other.size())
                throw new IllegalArgumentException(
                        "gives " + symbol.name() + " another number of dimensions with three examples than with seven");
            List<Long> shape = new ArrayList<>();
            for (int d = 0; d < other.size(); d++) {
                long a = symbol.shape().get(d);
                long b = other.get(d);
                if (a != b && !isMultiple(a, b))
                    throw new IllegalArgumentException("mixes examples: " + symbol.name() + " has a size of " + a
                            + " with three examples and of " + b + " with seven");
                shape.add(a == b ? a : MethodGraph.BATCH * (a / 3));
            }
            symbols.add(new Symbol(symbol.name(), symbol.type(), shape));
        }
        return symbols;
    }

    /** Checks that the graphs use weights of every layer. */
    private static void requireAllLayers(Network network, List<MethodGraph> graphs, Set<String> mayBeUnused) {
        Set<String> layers = new LinkedHashSet<>();
        network.state().keySet().forEach(name -> {
            if (!mayBeUnused.contains(name)) layers.add(new State(name).layer());
        });
        for (MethodGraph graph : graphs)
            for (Node node : graph.nodes()) node.weights().forEach(weight -> layers.remove(weight.layer()));
        if (layers.isEmpty()) return;
        throw cannotSave(
                network,
                "no method uses " + String.join(", ", layers) + " through a method of Activation",
                "use it so, or do not add it");
    }
}
