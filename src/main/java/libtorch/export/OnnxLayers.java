package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import libtorch.Tensors;
import libtorch.nn.MethodGraph.State;
import org.bytedeco.pytorch.Tensor;

/** The layers of networks, and functions that are several operators in ONNX. */
final class OnnxLayers {
    private OnnxLayers() {}

    static String convolution(OnnxCall call) {
        int dimensions = call.result().shape().size() - 2;
        return call.add(
                "Conv",
                List.of(call.input("input"), call.input("weight"), call.input("bias")),
                "strides",
                call.numbers("stride", dimensions, 1),
                "pads",
                twice(call.numbers("padding", dimensions, 0)),
                "dilations",
                call.numbers("dilation", dimensions, 1),
                "group",
                call.number("groups", 1));
    }

    static String transposedConvolution(OnnxCall call) {
        int dimensions = call.result().shape().size() - 2;
        return call.add(
                "ConvTranspose",
                List.of(call.input("input"), call.input("weight"), call.input("bias")),
                "strides",
                call.numbers("stride", dimensions, 1),
                "pads",
                twice(call.numbers("padding", dimensions, 0)),
                "output_padding",
                call.numbers("output_padding", dimensions, 0),
                "dilations",
                call.numbers("dilation", dimensions, 1),
                "group",
                call.number("groups", 1));
    }

    private static List<Long> twice(List<Long> numbers) {
        return Collections.nCopies(2, numbers).stream().flatMap(List::stream).toList();
    }

    static String linear(OnnxCall call) {
        String x = call.input("input");
        String weight = call.input("weight");
        String bias = call.input("bias");
        if (call.rank(x) == 2) return call.add("Gemm", List.of(x, weight, bias), "transB", 1L);
        String transposed = call.add("Transpose", List.of(weight), "perm", List.of(1L, 0L));
        String product = call.add("MatMul", List.of(x, transposed));
        return bias.isEmpty() ? product : call.add("Add", List.of(product, bias));
    }

    static String batchNorm(OnnxCall call) {
        call.require("training", false);
        String mean = call.input("running_mean");
        List<Long> shape = call.shapeOf(mean);
        List<String> inputs = List.of(
                call.input("input"),
                orAll(call, "weight", 1, shape),
                orAll(call, "bias", 0, shape),
                mean,
                call.input("running_var"));
        return call.add("BatchNormalization", inputs, "epsilon", OnnxOperators.real(call, "eps", 1e-5));
    }

    /** Returns weights, or where there are none as many equal numbers. */
    private static String orAll(OnnxCall call, String argument, float value, List<Long> shape) {
        String weights = call.input(argument);
        if (!weights.isEmpty()) return weights;
        float[] values = new float
                [Math.toIntExact(shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact))];
        Arrays.fill(values, value);
        return call.graph().floats(shape, values);
    }

    static String layerNorm(OnnxCall call) {
        List<Long> shape = call.numbers("normalized_shape", 1, 0);
        List<String> inputs = List.of(call.input("input"), orAll(call, "weight", 1, shape), call.input("bias"));
        double epsilon = OnnxOperators.real(call, "eps", 1e-5);
        return call.add("LayerNormalization", inputs, "axis", (long) -shape.size(), "epsilon", epsilon);
    }

    /** Normalises N×groups×rest by instances, for ONNX has a group norm from opset 18 only. */
    static String groupNorm(OnnxCall call) {
        String x = call.input("input");
        List<Long> shape = call.shapeOf(x);
        long groups = call.number("num_groups", 1);
        long rest = shape.stream().skip(1).reduce(1L, Math::multiplyExact) / groups;
        String grouped = call.reshape(x, List.of(shape.get(0), groups, rest));
        float[] ones = new float[Math.toIntExact(groups)];
        Arrays.fill(ones, 1);
        List<Long> one = List.of(groups);
        List<String> inputs =
                List.of(grouped, call.graph().floats(one, ones), call.graph().floats(one, new float[ones.length]));
        String normal = call.add("InstanceNormalization", inputs, "epsilon", OnnxOperators.real(call, "eps", 1e-5));
        String result = call.reshape(normal, shape);
        List<Long> channels = new ArrayList<>(Collections.nCopies(shape.size() - 1, 1L));
        channels.set(0, shape.get(1)); // C×1×1, to be broadcast
        String weight = call.input("weight");
        String bias = call.input("bias");
        if (!weight.isEmpty()) result = call.add("Mul", List.of(result, call.reshape(weight, channels)));
        return bias.isEmpty() ? result : call.add("Add", List.of(result, call.reshape(bias, channels)));
    }

    /** Computes x·Φ(x), or with the approximation of Φ by tanh. */
    static String gelu(OnnxCall call) {
        String x = call.input("self");
        String bell;
        if (call.get("approximate", "none").equals("none")) {
            bell = call.add("Erf", List.of(call.add("Mul", List.of(x, call.scalar(Math.sqrt(0.5))))));
        } else {
            call.require("approximate", "tanh");
            String cube = call.add("Mul", List.of(call.add("Mul", List.of(x, x)), x));
            String inner = call.add("Add", List.of(x, call.add("Mul", List.of(cube, call.scalar(0.044715)))));
            bell = call.add("Tanh", List.of(call.add("Mul", List.of(inner, call.scalar(Math.sqrt(2 / Math.PI))))));
        }
        String half = call.add("Mul", List.of(x, call.scalar(0.5)));
        return call.add("Mul", List.of(half, call.add("Add", List.of(bell, call.scalar(1)))));
    }

    static String attention(OnnxCall call) {
        call.require("dropout_p", 0L, 0.0);
        call.require("enable_gqa", false);
        String query = call.input("query");
        String key = call.input("key");
        int rank = call.rank(key);
        long width = call.shapeOf(query).get(rank - 1);
        double scale = OnnxOperators.real(call, "scale", 1 / Math.sqrt((double) width));
        List<Long> order = new ArrayList<>();
        for (long d = 0; d < rank; d++) order.add(d);
        Collections.swap(order, rank - 2, rank - 1);
        String scaled = call.add("Mul", List.of(query, call.scalar(scale)));
        String scores = call.add("MatMul", List.of(scaled, call.add("Transpose", List.of(key), "perm", order)));
        if (Boolean.TRUE.equals(call.get("is_causal"))) {
            long rows = call.shapeOf(query).get(rank - 2);
            long columns = call.shapeOf(key).get(rank - 2);
            if (rows < 0 || columns < 0) throw call.unknown(" over the examples");
            float[] mask = new float[Math.toIntExact(rows * columns)];
            for (int i = 0; i < mask.length; i++) mask[i] = i % columns <= i / columns ? 0 : Float.NEGATIVE_INFINITY;
            scores = call.add("Add", List.of(scores, call.graph().floats(List.of(rows, columns), mask)));
        }
        String mask = call.input("attn_mask");
        if (!mask.isEmpty()) {
            if (call.graph().info(mask).type() != call.result().type()) throw call.unknown(" with a mask of booleans");
            scores = call.add("Add", List.of(scores, mask));
        }
        String weights = call.add("Softmax", List.of(scores), "axis", -1L);
        return call.add("MatMul", List.of(weights, call.input("value")));
    }

    // Images

    static String pooling(OnnxCall call, String type) {
        call.require("divisor_override");
        int dimensions = call.result().shape().size() - 2;
        List<Long> kernel = call.numbers("kernel_size", dimensions, 1);
        Object stride = call.get("stride", List.of());
        List<Object> attributes = new ArrayList<>(List.of(
                "kernel_shape",
                kernel,
                "strides",
                stride.equals(List.of()) ? kernel : call.numbers("stride", dimensions, 1),
                "pads",
                twice(call.numbers("padding", dimensions, 0))));
        call.require("ceil_mode", false);
        boolean mean = type.equals("AveragePool");
        if (!mean) attributes.addAll(List.of("dilations", call.numbers("dilation", dimensions, 1)));
        else if (!call.get("count_include_pad", true).equals(false))
            attributes.addAll(List.of("count_include_pad", 1L));
        return call.add(type, List.of(call.input("self")), attributes.toArray());
    }

    static String adaptivePooling(OnnxCall call) {
        String self = call.input("self");
        List<Long> before = call.shapeOf(self);
        List<Long> after = call.result().shape();
        int rank = before.size();
        if (after.get(rank - 1) == 1 && after.get(rank - 2) == 1) return call.add("GlobalAveragePool", List.of(self));
        List<Long> kernel = new ArrayList<>();
        for (int d = rank - 2; d < rank; d++) {
            if (before.get(d) % after.get(d) != 0) throw call.unknown(" from " + before.get(d) + " to " + after.get(d));
            kernel.add(before.get(d) / after.get(d));
        }
        return call.add("AveragePool", List.of(self), "kernel_shape", kernel, "strides", kernel);
    }

    static String upsample(OnnxCall call) {
        String self = call.input("input");
        List<Long> before = call.shapeOf(self);
        List<Long> after = call.result().shape();
        float[] factors = {1, 1, (float) after.get(2) / before.get(2), (float) after.get(3) / before.get(3)};
        for (int d = 2; d < 4; d++) if (after.get(d) % before.get(d) != 0) throw call.unknown(" by a fraction");
        boolean nearest = call.node().function().equals("upsample_nearest2d");
        boolean corners = Boolean.TRUE.equals(call.get("align_corners"));
        List<String> inputs = List.of(self, "", call.graph().floats(List.of(4L), factors));
        if (!nearest)
            return call.add(
                    "Resize",
                    inputs,
                    "mode",
                    "linear",
                    "coordinate_transformation_mode",
                    corners ? "align_corners" : "half_pixel");
        return call.add(
                "Resize",
                inputs,
                "mode",
                "nearest",
                "coordinate_transformation_mode",
                "asymmetric",
                "nearest_mode",
                "floor");
    }

    // Sequences

    /** Writes an LSTM, whose gates are input, forget, cell, output in ATen, or a GRU: reset, update, new. */
    static List<String> recurrent(OnnxCall call, String type, int gates) {
        call.require("train", false);
        boolean lstm = type.equals("LSTM");
        boolean biases = !call.get("has_biases", true).equals(false);
        boolean batchFirst = Boolean.TRUE.equals(call.get("batch_first"));
        int directions = Boolean.TRUE.equals(call.get("bidirectional")) ? 2 : 1;
        List<?> params = (List<?>) call.get("params", List.of());
        int tensors = biases ? 4 : 2;
        String x = call.input("input");
        List<Long> shape = call.shapeOf(x);
        if (shape.size() != 3) throw call.unknown(" of other than three dimensions");
        long time = shape.get(batchFirst ? 1 : 0);
        long batch = shape.get(batchFirst ? 0 : 1);
        if (batchFirst) x = call.add("Transpose", List.of(x), "perm", List.of(1L, 0L, 2L));
        List<String> states = lstm ? call.inputs("hx") : List.of(call.input("hx"));
        long hidden = call.shapeOf(states.get(0)).get(2);
        List<List<String>> last = List.of(new ArrayList<>(), new ArrayList<>());
        for (int layer = 0; layer < call.number("num_layers", 1); layer++) {
            List<Tensor> weights = new ArrayList<>();
            for (Object param : params.subList(layer * directions * tensors, (layer + 1) * directions * tensors)) {
                if (!(param instanceof State state)) throw call.unknown(" with weights that are computed");
                weights.add(call.graph().tensor(state.name()));
            }
            String w = gates(call, weights, tensors, 0, 1, gates);
            String r = gates(call, weights, tensors, 1, 1, gates);
            String b = biases ? gates(call, weights, tensors, 2, 2, gates) : "";
            List<String> inputs = new ArrayList<>(List.of(x, w, r, b, ""));
            for (String state : states) {
                String begin = call.longs((long) layer * directions);
                String end = call.longs((long) (layer + 1) * directions);
                inputs.add(call.add("Slice", List.of(state, begin, end, call.longs(0))));
            }
            List<Object> attributes = new ArrayList<>(List.of("hidden_size", hidden));
            if (directions == 2) attributes.addAll(List.of("direction", "bidirectional"));
            if (!lstm) attributes.addAll(List.of("linear_before_reset", 1L));
            List<String> results = call.addMany(1 + states.size(), type, inputs, attributes.toArray());
            for (int s = 0; s < states.size(); s++) last.get(s).add(results.get(1 + s));
            x = call.add(
                    "Transpose", List.of(results.get(0)), "perm", List.of(0L, 2L, 1L, 3L)); // T×N×directions×hidden
            x = call.reshape(x, List.of(time, batch, directions * hidden));
        }
        if (batchFirst) x = call.add("Transpose", List.of(x), "perm", List.of(1L, 0L, 2L));
        List<String> all = new ArrayList<>(List.of(x));
        for (int s = 0; s < states.size(); s++) all.add(call.add("Concat", last.get(s), "axis", 0L));
        return all;
    }

    /**
     * Returns weights in ONNX's order of gates (LSTM: input, output, forget, cell; GRU: update, reset, new).
     *
     * @param first index of the tensor among those of one direction
     * @param count how many tensors are laid one after the other: the two biases
     */
    private static String gates(OnnxCall call, List<Tensor> weights, int tensors, int first, int count, int gates) {
        int[] order = gates == 4 ? new int[] {0, 3, 1, 2} : new int[] {1, 0, 2};
        int directions = weights.size() / tensors;
        int numbers = Math.toIntExact(weights.get(first).numel());
        float[] all = new float[directions * count * numbers];
        for (int i = 0; i < directions * count; i++) {
            float[] values = Tensors.floats(weights.get(i / count * tensors + first + i % count));
            int gate = numbers / gates;
            for (int g = 0; g < gates; g++)
                System.arraycopy(values, order[g] * gate, all, i * numbers + g * gate, gate);
        }
        List<Long> shape = new ArrayList<>(List.of((long) directions));
        long[] sizes = weights.get(first).shape();
        shape.add(count * sizes[0]);
        if (sizes.length > 1) shape.add(sizes[1]);
        return call.graph().floats(shape, all);
    }
}
