package libtorch.export;

import static libtorch.export.ExportWriter.fields;
import static libtorch.export.ExportWriter.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import libtorch.nn.AtenOperator;
import libtorch.nn.AtenOperator.Parameter;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The nodes of a program in a .pt2 file, in the classes that JSON is made of. */
final class ExportNodes {
    private final MethodGraph graph;
    private final Map<String, String> placeholders;
    private final List<Object> nodes = new ArrayList<>();
    private final Map<Long, String> sizes;

    /**
     * @param placeholders names in the program of parameters and buffers
     * @param taken names that are not free; those that are given here are added
     */
    ExportNodes(MethodGraph graph, Map<String, String> placeholders, Set<String> taken) {
        this.graph = graph;
        this.placeholders = placeholders;
        sizes = addSizes(graph, nodes, taken);
    }

    MethodGraph graph() {
        return graph;
    }

    List<Object> nodes() {
        return nodes;
    }

    /** Returns the names of multiples of the number of examples. */
    Map<Long, String> sizes() {
        return sizes;
    }

    /** Adds nodes for the multiples of the number of examples that arguments need; returns their names. */
    private static Map<Long, String> addSizes(MethodGraph graph, List<Object> nodes, Set<String> taken) {
        Map<Long, String> names = new TreeMap<>();
        for (Node node : graph.nodes()) {
            node.values().forEach(value -> {
                if (value instanceof Size size) names.put(size.times(), "");
            });
        }
        if (names.isEmpty()) return names;
        names.put(1L, "");
        names.replaceAll((times, none) -> {
            String name = times == 1 ? "sym_size_int" : "mul_" + times;
            while (!taken.add(name)) name += "_";
            return name;
        });
        String examples = Objects.requireNonNull(names.get(1L));
        names.forEach((times, name) -> {
            List<Object> inputs = times == 1
                    ? List.of(
                            input("self", tensor(graph.batchInput().name()), false),
                            input("dim", Map.of("as_int", 0), false))
                    : List.of(input("a", size(examples), false), input("b", Map.of("as_int", times), false));
            String target = times == 1 ? AtenOperator.target("sym_size.int") : "_operator.mul";
            nodes.add(node(target, name, inputs, List.of(size(name))));
        });
        return names;
    }

    private static Map<String, Object> size(String name) {
        return Map.of("as_sym_int", Map.of("as_name", name));
    }

    private static Map<String, Object> input(String name, Map<String, Object> argument, boolean byKeyword) {
        return fields("name", name, "arg", argument, "kind", byKeyword ? 2 : 1);
    }

    private static Map<String, Object> node(String target, String name, List<?> inputs, List<?> outputs) {
        Map<String, Object> node = fields("target", target, "inputs", inputs, "outputs", outputs, "metadata", Map.of());
        node.put("is_hop_single_tensor_return", null);
        node.put("name", name);
        return node;
    }

    /**
     * Adds a node of the graph.
     *
     * @throws IllegalArgumentException where a program in a file may not call its operator, or not so
     */
    void add(Node node) {
        AtenOperator operator = AtenOperator.named(node.operator());
        ProgramOperators.require(operator);
        node.arguments().keySet().forEach(operator::parameter);
        List<Object> inputs = new ArrayList<>();
        boolean byKeyword = false; // also what follows an argument that is left out
        for (Parameter parameter : operator.parameters()) {
            String name = parameter.name();
            byKeyword |= parameter.keywordOnly() || !node.arguments().containsKey(name);
            if (!node.arguments().containsKey(name)) continue;
            inputs.add(input(name, argument(parameter, node.arguments().get(name)), byKeyword));
        }
        List<Map<String, Object>> results =
                node.results().stream().map(result -> tensor(result.name())).toList();
        boolean list = operator.returns().get(0).equals("Tensor[]");
        List<?> outputs = list
                ? List.of(Map.of(
                        "as_tensors",
                        results.stream().map(result -> result.get("as_tensor")).toList()))
                : results;
        nodes.add(node(AtenOperator.target(node.operator()), node.result().name(), inputs, outputs));
    }

    private Map<String, Object> argument(Parameter parameter, @Nullable Object value) {
        String type = parameter.type().replaceFirst("\\?$", "");
        if (!(value instanceof List<?> list)) return argument(parameter, value, type);
        List<Map<String, Object>> elements = new ArrayList<>();
        for (Object element : list) elements.add(argument(parameter, element, type.replaceFirst("\\[]$", "")));
        if (type.equals("Tensor?[]")) return Map.of("as_optional_tensors", elements);
        String kind = switch (type) {
            case "Tensor[]" -> "as_tensors";
            case "float[]" -> "as_floats";
            case "bool[]" -> "as_bools";
            case "str[]" -> "as_strings";
            default -> list.stream().anyMatch(Size.class::isInstance) ? "as_sym_ints" : "as_ints";
        };
        boolean named = kind.equals("as_sym_ints"); // whose elements say whether they are numbers
        List<Object> values = new ArrayList<>();
        for (Map<String, Object> element : elements)
            values.add(
                    named && element.containsKey("as_int")
                            ? element
                            : element.values().iterator().next());
        return Map.of(kind, values);
    }

    private Map<String, Object> argument(Parameter parameter, @Nullable Object value, String type) {
        if (value == null) return Map.of("as_none", true);
        if (value instanceof Ref ref) return tensor(ref.name());
        if (value instanceof State state) return tensor(Objects.requireNonNull(placeholders.get(state.name())));
        if (value instanceof Size size) return size(Objects.requireNonNull(sizes.get(size.times())));
        if (value instanceof Boolean) return Map.of("as_bool", value);
        if (value instanceof Long) return Map.of(type.equals("float") ? "as_float" : "as_int", value);
        if (value instanceof Double number) // JSON has no infinite numbers; Python writes them as these texts
        return Map.of("as_float", Double.isFinite(number) ? number : number.toString());
        if (value instanceof String) return Map.of("as_string", value);
        if (value instanceof ScalarType scalarType)
            return Map.of("as_scalar_type", ExportedArchive.TYPES.indexOf(scalarType));
        throw new IllegalArgumentException(
                parameter.name() + " is a " + value.getClass().getSimpleName() + ", " + value);
    }
}
