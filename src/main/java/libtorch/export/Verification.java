package libtorch.export;

import java.util.Arrays;
import java.util.List;
import libtorch.nn.Activation;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.NetworkMethod;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Compares a written file with the network before the file may replace an older one.
 *
 * @param network the network in Java, in eval mode on the CPU, with the weights of the file
 * @param inputs real inputs of its forward method
 */
record Verification(Network network, Tensor inputs) {
    private static final double ROUNDING = 1e-5; // relative to the largest number

    /**
     * Compares the results of every method of a file with the network's: they must be equal bit for bit, or to 10⁻⁵
     * relative if the network computes operators in another way or the file's weights have another memory layout.
     *
     * @param sameLayout whether its weights have the memory layout of the network's, perhaps channels last
     * @throws IllegalStateException if they differ
     */
    void verify(LoadedModel file, SavedNetwork program, boolean sameLayout) {
        List<NetworkMethod> methods = network.methods(Activation.of(inputs));
        for (int m = 0; m < methods.size(); m++) {
            MethodGraph graph = program.methods().get(m);
            List<Tensor> arguments =
                    methods.get(m).examples().stream().map(Activation::tensor).toList();
            List<Tensor> actual = file.call(graph.method(), arguments);
            List<Activation> expected = methods.get(m).call();
            if (actual.size() != expected.size())
                throw different(graph, actual.size() + " results, not " + expected.size());
            for (int i = 0; i < expected.size(); i++) {
                require(graph, expected.get(i).tensor(), actual.get(i), graph.fused() || !sameLayout);
            }
        }
    }

    private static void require(MethodGraph graph, Tensor expected, Tensor actual, boolean rounded) {
        ScalarType type = actual.scalar_type().intern();
        if (type != expected.scalar_type().intern())
            throw different(graph, "another type: " + type + ", not " + expected.scalar_type());
        if (!Arrays.equals(expected.shape(), actual.shape())) throw different(graph, "another shape");
        if (expected.numel() == 0 || torch.allclose(actual, expected, 0, 0, /*equal_nan*/ true)) return;
        if (!expected.is_floating_point()) throw different(graph, "other numbers");
        DoubleOptional zero = new DoubleOptional(0);
        double largest = expected.abs().nan_to_num(zero, zero, zero).max().item_double();
        if (rounded && torch.allclose(actual, expected, 0, ROUNDING * largest, /*equal_nan*/ true)) return;
        double difference = actual.sub(expected).abs().max().item_double();
        throw different(graph, String.format("%.1e relative", difference / largest));
    }

    private static IllegalStateException different(MethodGraph graph, String how) {
        return new IllegalStateException(
                graph.method() + " answers differently in the file than in Java (by " + how + ")");
    }
}
