package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.Tracer;
import mnist.system.Natives;
import org.bytedeco.javacpp.PointerScope;

/** Prints the layers of networks, with the shapes of their outputs and the numbers of their parameters. */
public final class Summary {
    private Summary() {}

    /**
     * A step of a network's forward method.
     *
     * @param layer name of the layer; empty where an operator has no parameters
     * @param shape of the output, as "N×4×14×14"
     * @param parameters numbers that are learned; 0 where the layer was listed before
     */
    public record Row(String layer, String operator, String shape, long parameters) {}

    /** Traces a network's forward method into rows. */
    public static List<Row> rows(Network network, long... inputShape) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Long> parameters = new LinkedHashMap<>();
            network.program(List.of()).parameters().forEach((name, tensor) -> parameters.put(name, tensor.numel()));
            List<Row> rows = new ArrayList<>();
            for (MethodGraph.Node node :
                    Tracer.trace(network, inputShape).get(0).nodes()) {
                String layer = "";
                long count = 0;
                for (Object argument : node.arguments().values()) {
                    if (!(argument instanceof MethodGraph.State state)) continue;
                    layer = state.layer();
                    Long numbers = parameters.remove(state.name());
                    if (numbers != null) count += numbers;
                }
                rows.add(new Row(layer, node.function(), shape(node.result().shape()), count));
            }
            return rows;
        }
    }

    private static String shape(List<Long> sizes) {
        return sizes.stream()
                .map(size -> size == MethodGraph.BATCH ? "N" : size.toString())
                .collect(Collectors.joining("×"));
    }

    /**
     * Prints each network once, under the names of its models.
     *
     * @return exit status 0
     */
    public static int print(Map<String, Supplier<Network>> models, long... inputShape) {
        Natives.load(1);
        Map<List<Row>, List<String>> networks = new LinkedHashMap<>();
        for (Map.Entry<String, Supplier<Network>> model : models.entrySet()) {
            try (PointerScope scope = new PointerScope()) {
                List<Row> rows = rows(model.getValue().get(), inputShape);
                networks.computeIfAbsent(rows, r -> new ArrayList<>()).add(model.getKey());
            }
        }
        networks.forEach((rows, names) -> print(String.join(", ", names), rows));
        return 0;
    }

    private static void print(String names, List<Row> rows) {
        System.out.printf("%s%n%-10s %-20s %-14s %12s%n", names, "layer", "operator", "output", "parameters");
        rows.forEach(row -> System.out.printf(
                "%-10s %-20s %-14s %12s%n",
                row.layer, row.operator, row.shape, row.parameters == 0 ? "" : String.format("%,d", row.parameters)));
        long total = rows.stream().mapToLong(Row::parameters).sum();
        System.out.printf("%,d parameters, %,d bytes as float32%n%n", total, Float.BYTES * total);
    }
}
