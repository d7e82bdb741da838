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
import java.util.stream.Stream;
import libtorch.LibTorchException;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Turns the methods of a network into graphs, by calling them with values that record what is done to them. */
public final class Tracer {
    private final Network network;
    private final Map<Long, String> state = new HashMap<>(); // names of parameters and buffers, by their address
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private boolean folded;

    private Tracer(Network network) {
        this.network = network;
        network.state().forEach((name, tensor) -> state.put(address(tensor), name));
    }

    /**
     * Traces all methods of a network, in eval mode, with inputs of zeros for two and for three examples: what differs
     * between the two graphs must be the number of examples and nothing else.
     *
     * @param shape of one input of {@code forward}, without the number of examples
     * @throws LibTorchException where a method, or a layer, cannot be written to a file
     */
    public static List<MethodGraph> trace(Network network, long... shape) {
        try (PointerScope scope = new PointerScope()) {
            return trace(network, options(network), shape);
        }
    }

    /**
     * Traces all methods of a network as {@link #trace(Network, long...)} does, for inputs of another type, as numbers
     * of words.
     *
     * @param example an input of {@code forward}, of which only the type and all sizes but the first are used
     * @throws LibTorchException where a method, or a layer, cannot be written to a file
     */
    public static List<MethodGraph> trace(Network network, Tensor example) {
        try (PointerScope scope = new PointerScope()) {
            long[] sizes = example.shape();
            TensorOptions options = new TensorOptions(example.scalar_type())
                    .device(new DeviceOptional(options(network).device()));
            return trace(network, options, Arrays.copyOfRange(sizes, 1, sizes.length));
        }
    }

    private static List<MethodGraph> trace(Network network, TensorOptions options, long... shape) {
        boolean training = network.is_training();
        network.eval();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            List<MethodGraph> two = traceAll(network, 2, options, shape);
            List<MethodGraph> three = traceAll(network, 3, options, shape);
            List<MethodGraph> graphs = new ArrayList<>();
            for (int i = 0; i < two.size(); i++) graphs.add(merged(network, two.get(i), three.get(i)));
            requireAllLayers(network, graphs);
            return graphs;
        } finally {
            network.train(training);
        }
    }

    private static List<MethodGraph> traceAll(Network network, long examples, TensorOptions options, long... shape) {
        long[] sizes = new long[shape.length + 1];
        sizes[0] = examples;
        System.arraycopy(shape, 0, sizes, 1, shape.length);
        Tensor zeros = torch.zeros(sizes, options);
        return network.methods(Activation.of(zeros)).stream()
                .map(method -> new Tracer(network).trace(method))
                .toList();
    }

    /** Returns the type and device of a network's weights. */
    private static TensorOptions options(Network network) {
        return network.state().values().stream()
                .filter(Tensor::is_floating_point)
                .findFirst()
                .map(Tensor::options)
                .orElseGet(TensorOptions::new);
    }

    private MethodGraph trace(NetworkMethod method) {
        List<Symbol> inputs = new ArrayList<>();
        List<Activation> values = new ArrayList<>();
        for (int i = 0; i < method.parameters().size(); i++) {
            String name = method.parameters().get(i);
            Tensor example = method.examples().get(i).tensor();
            names.add(name);
            inputs.add(symbol(name, example));
            values.add(new Activation(example, this, name));
        }
        List<String> outputs = new ArrayList<>();
        for (Activation result : method.body().apply(values)) {
            if (result.tracer() != this) {
                String unseen = String.join(
                        ", ",
                        unseenLayers(network, List.of(new MethodGraph(method.name(), inputs, nodes, outputs, folded))));
                throw cannotExport("what " + method.name() + " returns was not computed by methods of Activation"
                        + (unseen.isEmpty() ? "" : " (" + unseen + ")"));
            }
            outputs.add(result.name());
        }
        return new MethodGraph(method.name(), inputs, List.copyOf(nodes), outputs, folded);
    }

    private static Symbol symbol(String name, Tensor tensor) {
        return new Symbol(
                name,
                tensor.scalar_type().intern(),
                Arrays.stream(tensor.shape()).boxed().toList());
    }

    // What activations call

    /** Records a call, and returns its results as activations of this trace. */
    List<Activation> record(OperatorCall call, List<Tensor> results) {
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        call.arguments().forEach((name, argument) -> arguments.put(name, recorded(argument)));
        String operator = call.operator().name();
        String function = operator.replaceFirst("\\..*", "");
        List<Symbol> symbols = new ArrayList<>();
        for (Tensor result : results) {
            String name = function;
            for (int i = 1; !names.add(name); i++) name = function + "_" + i;
            symbols.add(symbol(name, result));
        }
        nodes.add(new Node(operator, arguments, symbols));
        List<Activation> activations = new ArrayList<>();
        for (int i = 0; i < results.size(); i++)
            activations.add(new Activation(results.get(i), this, symbols.get(i).name()));
        return activations;
    }

    private @Nullable Object recorded(@Nullable Object argument) {
        if (argument instanceof Tensor tensor) return new State(nameOf(tensor));
        if (argument instanceof Activation activation) {
            if (activation.tracer() == this) return new Ref(activation.name());
            String name = state.get(address(activation.tensor()));
            if (name != null) return new State(name);
            throw cannotExport("a value is used that was not computed from the method's arguments");
        }
        if (!(argument instanceof List<?> list)) return argument;
        List<@Nullable Object> elements = new ArrayList<>();
        for (Object element : list) elements.add(recorded(element));
        return elements;
    }

    String nameOf(Tensor parameter) {
        String name = state.get(address(parameter));
        if (name != null) return name;
        throw cannotExport("a layer is used that was not registered; add it with register_module");
    }

    private static long address(Tensor tensor) {
        return tensor.unsafeGetTensorImpl().address();
    }

    /** Records that training computes two operators of this graph in one. */
    void folds() {
        folded = true;
    }

    LibTorchException cannotExport(String why) {
        return cannotExport(network, why);
    }

    private static LibTorchException cannotExport(Network network, String why) {
        return new LibTorchException(network.name().getString() + " cannot be saved: " + why, "see docs/YOUR-OWN.md");
    }

    // What must hold of the graphs

    /** Returns the graph for any number of examples, of those for two and for three. */
    private static MethodGraph merged(Network network, MethodGraph two, MethodGraph three) {
        if (three.nodes().size() > two.nodes().size()) {
            throw cannotExport(network, two.method() + " calls more operators with three examples than with two");
        }
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < two.nodes().size(); i++) {
            Node node = two.nodes().get(i);
            Node merged = i < three.nodes().size()
                    ? merged(network, two, node, three.nodes().get(i))
                    : null;
            if (merged == null) {
                throw cannotExport(
                        network,
                        two.method() + " does something else with two examples than with three, at " + node.operator()
                                + " " + node.arguments());
            }
            nodes.add(merged);
        }
        List<Symbol> inputs = new ArrayList<>();
        for (int i = 0; i < two.inputs().size(); i++) {
            inputs.add(merged(network, two, two.inputs().get(i), three.inputs().get(i)));
        }
        return new MethodGraph(two.method(), inputs, nodes, two.outputs(), two.folded());
    }

    /** Returns a node for any number of examples, or null where two differ in more than that number. */
    private static @Nullable Node merged(Network network, MethodGraph graph, Node two, Node three) {
        boolean same = two.operator().equals(three.operator())
                && two.results().size() == three.results().size()
                && two.arguments().keySet().equals(three.arguments().keySet());
        if (!same) return null;
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        try {
            two.arguments()
                    .forEach((name, value) ->
                            arguments.put(name, merged(value, three.arguments().get(name))));
        } catch (IllegalArgumentException different) {
            return null;
        }
        List<Symbol> results = new ArrayList<>();
        for (int r = 0; r < two.results().size(); r++)
            results.add(
                    merged(network, graph, two.results().get(r), three.results().get(r)));
        return new Node(two.operator(), arguments, results);
    }

    /** @throws IllegalArgumentException where two arguments differ in more than the number of examples */
    private static @Nullable Object merged(@Nullable Object two, @Nullable Object three) {
        if (Objects.equals(two, three)) return two;
        if (two instanceof Long a && three instanceof Long b && isMultiple(a, b)) return new Size(a / 2);
        if (!(two instanceof List<?> a && three instanceof List<?> b && a.size() == b.size()))
            throw new IllegalArgumentException();
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) elements.add(merged(a.get(i), b.get(i)));
        return elements;
    }

    /** Returns whether a size with two examples and one with three are the same multiple of the number of examples. */
    private static boolean isMultiple(long two, long three) {
        return two > 0 && two % 2 == 0 && three == two / 2 * 3;
    }

    private static Symbol merged(Network network, MethodGraph graph, Symbol two, Symbol three) {
        if (two.shape().size() != three.shape().size()) {
            throw cannotExport(
                    network,
                    graph.method() + " gives " + two.name()
                            + " another number of dimensions with two examples than with three");
        }
        List<Long> shape = new ArrayList<>();
        for (int d = 0; d < two.shape().size(); d++) {
            long a = two.shape().get(d);
            long b = three.shape().get(d);
            if (a != b && !isMultiple(a, b)) {
                throw cannotExport(
                        network,
                        graph.method() + " mixes examples: " + two.name() + " has a size of " + a
                                + " with two examples and of " + b + " with three");
            }
            shape.add(a == b ? a : MethodGraph.BATCH * (a / 2));
        }
        return new Symbol(two.name(), two.type(), shape);
    }

    private static void requireAllLayers(Network network, List<MethodGraph> graphs) {
        Set<String> unseen = unseenLayers(network, graphs);
        if (unseen.isEmpty()) return;
        throw cannotExport(network, "no method uses " + String.join(", ", unseen) + " through a method of Activation");
    }

    /** Returns the parameters and buffers that a node uses. */
    static List<State> weights(Node node) {
        return node.arguments().values().stream()
                .flatMap(argument -> argument instanceof List<?> list ? list.stream() : Stream.of(argument))
                .filter(State.class::isInstance)
                .map(State.class::cast)
                .toList();
    }

    /** Returns the names of layers whose weights no graph uses. */
    private static Set<String> unseenLayers(Network network, List<MethodGraph> graphs) {
        Set<String> seen = new HashSet<>();
        for (MethodGraph graph : graphs) {
            for (Node node : graph.nodes()) {
                weights(node).forEach(weight -> seen.add(weight.layer()));
            }
        }
        Set<String> layers = new LinkedHashSet<>();
        network.state().keySet().forEach(name -> layers.add(new State(name).layer()));
        layers.removeAll(seen);
        return layers;
    }
}
