package libtorch.export;

import java.util.Arrays;
import java.util.Map;
import libtorch.LibTorch;

/**
 * Estimates how many multiplications of a program OpenBLAS computes, and how many OpenMP's threads do, from the sizes
 * that the program was exported with.
 */
final class Workload {
    /** From this share of the multiplications on, OpenBLAS gets the threads. */
    private static final double SHARE = 0.7;

    /** Below this number of multiplications, OpenBLAS computes with one thread in any case. */
    private static final double LEAST = 5e6;

    private final Map<String, Json> tensors;
    private double products; // OpenBLAS's
    private double linear; // OpenBLAS's with gradients, else OneDnnLinear's
    private double others; // convolutions, attention and LSTMs

    Workload(Json graph) {
        tensors = graph.get("tensor_values").fields();
        try {
            for (Json node : graph.get("nodes").list()) add(node);
        } catch (IllegalArgumentException withoutSizes) {
            products = 0;
            linear = 0;
        }
    }

    /** Returns the pool that computes most of it, with gradients or without. */
    LibTorch.Pool pool(boolean gradients) {
        double openBlas = products + (gradients ? linear : 0);
        double share = openBlas / (products + linear + others);
        return openBlas > LEAST && share >= SHARE ? LibTorch.Pool.OPENBLAS : LibTorch.Pool.OPENMP;
    }

    private void add(Json node) {
        String operator = node.get("target").text().replaceFirst("^torch\\.ops\\.aten\\.(\\w+).*$", "$1");
        switch (operator) {
            case "linear" -> linear += elements(node) * last(node, 0);
            case "mm", "bmm", "matmul" -> products += elements(node) * last(node, 0);
            case "addmm", "baddbmm" -> products += elements(node) * last(node, 1);
            case "gru" -> products += 6 * elements(node) * last(node, 0);
            case "lstm" -> others += 8 * elements(node) * last(node, 0); // oneDNN's
            case "conv1d", "conv2d", "conv3d", "convolution" -> {
                double[] filters = input(node, 1);
                others += elements(node) * product(filters, 1);
            }
            case "scaled_dot_product_attention" -> {
                double[] keys = input(node, 1);
                others += 2 * elements(node) * (keys.length < 2 ? 1 : keys[keys.length - 2]);
            }
            default -> {}
        }
    }

    /** Returns the sizes of an input. */
    private double[] input(Json node, int i) {
        return sizes(node.get("inputs").list().get(i).get("arg"));
    }

    /** Returns the number of elements of the first result. */
    private double elements(Json node) {
        return product(sizes(node.get("outputs").list().get(0)), 0);
    }

    private static double product(double[] sizes, int from) {
        return Arrays.stream(sizes).skip(from).reduce(1, (a, b) -> a * b);
    }

    private double last(Json node, int i) {
        double[] sizes = input(node, i);
        return sizes.length == 0 ? 1 : sizes[sizes.length - 1];
    }

    /** Returns the sizes of a tensor; of dynamic ones, those of the example. */
    private double[] sizes(Json value) {
        if (!value.kind().equals("as_tensor")) return new double[0];
        Json meta = tensors.get(value.get("as_tensor").get("name").text());
        if (meta == null) return new double[0];
        return meta.get("sizes").list().stream().mapToDouble(Workload::size).toArray();
    }

    private static double size(Json size) {
        if (size.has("as_int")) return size.get("as_int").integer();
        Json expression = size.get("as_expr");
        return expression.has("hint") ? expression.get("hint").get("as_int").integer() : 1;
    }
}
