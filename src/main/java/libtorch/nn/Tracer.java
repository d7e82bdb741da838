package libtorch.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.LibTorchException;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.javacpp.PointerScope;
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
        boolean training = network.is_training();
        network.eval();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            List<MethodGraph> two = traceAll(network, 2, shape);
            List<MethodGraph> three = traceAll(network, 3, shape);
            List<MethodGraph> graphs = new ArrayList<>();
            for (int i = 0; i < two.size(); i++) graphs.add(merged(network, two.get(i), three.get(i)));
            requireAllLayers(network, graphs);
            return graphs;
        } finally {
            network.train(training);
        }
    }

    private static List<MethodGraph> traceAll(Network network, long examples, long... shape) {
        long[] sizes = new long[shape.length + 1];
        sizes[0] = examples;
        System.arraycopy(shape, 0, sizes, 1, shape.length);
        Tensor zeros = torch.zeros(sizes, options(network));
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
            if (!result.isOf(this)) {
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
        return new Symbol(name, Arrays.stream(tensor.shape()).boxed().toList());
    }

    // What values call

    Call call(String operator) {
        return new Call(operator);
    }

    /** A call that is being recorded. */
    final class Call {
        private final String operator;
        private final Map<String, Object> arguments = new LinkedHashMap<>();

        private Call(String operator) {
            this.operator = operator;
        }

        /** Adds an argument: a value of this trace, a parameter or buffer, a number, a list of numbers, or null. */
        Call with(String name, @Nullable Object argument) {
            arguments.put(
                    name,
                    argument instanceof Activation value
                            ? ref(value)
                            : argument instanceof Tensor tensor ? state(tensor) : argument);
            return this;
        }

        Activation returning(Tensor result) {
            Node node = new Node(operator, arguments, symbol("", result));
            String name = node.function();
            for (int i = 1; !names.add(name); i++) name = node.function() + "_" + i;
            nodes.add(new Node(operator, arguments, symbol(name, result)));
            return new Activation(result, Tracer.this, name);
        }
    }

    private Ref ref(Activation value) {
        if (value.isOf(this)) return new Ref(value.name());
        throw cannotExport("a value is used that was not computed from the method's arguments");
    }

    /** Returns a parameter or buffer by its name; null where the layer has none, as without a bias. */
    private @Nullable State state(Tensor tensor) {
        return tensor.defined() ? new State(nameOf(tensor)) : null;
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
            Node a = two.nodes().get(i);
            Node b = i < three.nodes().size() ? three.nodes().get(i) : null;
            if (b == null
                    || !a.operator().equals(b.operator())
                    || !a.arguments().equals(b.arguments())) {
                throw cannotExport(
                        network,
                        two.method() + " does something else with two examples than with three, at " + a.operator()
                                + " " + a.arguments());
            }
            nodes.add(new Node(a.operator(), a.arguments(), merged(network, two, a.result(), b.result())));
        }
        List<Symbol> inputs = new ArrayList<>();
        for (int i = 0; i < two.inputs().size(); i++) {
            inputs.add(merged(network, two, two.inputs().get(i), three.inputs().get(i)));
        }
        return new MethodGraph(two.method(), inputs, nodes, two.outputs(), two.folded());
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
            if (a != b && (a != 2 || b != 3)) {
                throw cannotExport(
                        network,
                        graph.method() + " mixes examples: " + two.name() + " has a size of " + a
                                + " with two examples and of " + b + " with three");
            }
            shape.add(a == b ? a : MethodGraph.BATCH);
        }
        return new Symbol(two.name(), shape);
    }

    private static void requireAllLayers(Network network, List<MethodGraph> graphs) {
        Set<String> unseen = unseenLayers(network, graphs);
        if (unseen.isEmpty()) return;
        throw cannotExport(network, "no method uses " + String.join(", ", unseen) + " through a method of Activation");
    }

    /** Returns the names of layers whose weights no graph uses. */
    private static Set<String> unseenLayers(Network network, List<MethodGraph> graphs) {
        Set<String> seen = new HashSet<>();
        for (MethodGraph graph : graphs) {
            for (Node node : graph.nodes()) {
                for (Object argument : node.arguments().values()) if (argument instanceof State s) seen.add(s.layer());
            }
        }
        Set<String> layers = new LinkedHashSet<>();
        network.state().keySet().forEach(name -> layers.add(new State(name).layer()));
        layers.removeAll(seen);
        return layers;
    }
}
