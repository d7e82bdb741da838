package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.nn.LayerSummary;
import libtorch.nn.Network;
import mnist.system.Natives;
import org.bytedeco.javacpp.PointerScope;

/** Prints the layers of networks: the shapes of their outputs, the numbers of their parameters, and their work. */
public final class Summary {
    private Summary() {}

    /**
     * Prints each network once, under the names of its models.
     *
     * @return exit status 0
     */
    public static int print(Map<String, Supplier<Network>> models, long... inputShape) {
        Natives.load(1);
        Map<List<LayerSummary>, List<String>> networks = new LinkedHashMap<>();
        for (Map.Entry<String, Supplier<Network>> model : models.entrySet()) {
            try (PointerScope scope = new PointerScope()) {
                List<LayerSummary> rows = LayerSummary.of(model.getValue().get(), inputShape);
                networks.computeIfAbsent(rows, r -> new ArrayList<>()).add(model.getKey());
            }
        }
        networks.forEach((rows, names) -> print(String.join(", ", names), rows));
        return 0;
    }

    private static void print(String names, List<LayerSummary> rows) {
        System.out.println(names);
        print("layer", "operator", "output", "parameters", "multiply-adds");
        rows.forEach(row ->
                print(row.layer(), row.operator(), row.shape(), count(row.parameters()), count(row.multiplyAdds())));
        long total = rows.stream().mapToLong(LayerSummary::parameters).sum();
        long work = rows.stream().mapToLong(LayerSummary::multiplyAdds).sum();
        System.out.printf(
                "%,d parameters, %,d bytes as float32; %,d multiply-adds an example%n%n",
                total, Float.BYTES * total, work);
    }

    private static void print(String layer, String operator, String output, String parameters, String work) {
        System.out.printf("%-10s %-20s %-14s %12s %14s%n", layer, operator, output, parameters, work);
    }

    private static String count(long count) {
        return count == 0 ? "" : String.format("%,d", count);
    }
}
