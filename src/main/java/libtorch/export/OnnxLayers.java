package libtorch.export;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import libtorch.Tensors;
import libtorch.nn.MethodGraph.State;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Writes layers, and functions that are several operators in ONNX. */
final class OnnxLayers {
    private OnnxLayers() {}

    static String linear(OnnxCall call) {
        String x = call.input("input");
        String weight = call.input("weight");
        String bias = call.input("bias");
        if (call.rank(x) == 2) return call.add("Gemm", List.of(x, weight, bias), Map.of("transB", 1L));
        String product = call.add("MatMul", x, swapped(call, weight, 2));
        return bias.isEmpty() ? product : call.add("Add", product, bias);
    }

    /** Swaps the last two dimensions. */
    private static String swapped(OnnxCall call, String x, int rank) {
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        Collections.swap(order, rank - 2, rank - 1);
        return call.add("Transpose", List.of(x), Map.of("perm", order));
    }

    static String batchNorm(OnnxCall call) {
        call.require("training", false);
        String mean = call.input("running_mean");
        List<Long> shape = call.shapeOf(mean);
        List<String> inputs = List.of(
                call.input("input"),
                orFull(call, "weight", 1, shape),
                orFull(call, "bias", 0, shape),
                mean,
                call.input("running_var"));
        return call.add("BatchNormalization", inputs, Map.of("epsilon", call.real("eps")));
    }

    /** Returns weights or, if there are none, a constant tensor of their shape. */
    private static String orFull(OnnxCall call, String argument, double value, List<Long> shape) {
        String weights = call.input(argument);
        return weights.isEmpty() ? full(call, value, shape) : weights;
    }

    private static String full(OnnxCall call, double value, List<Long> shape) {
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        return call.graph().constant(torch.full(sizes, new Scalar(value)));
    }

    private static long product(List<Long> sizes) {
        return sizes.stream().reduce(1L, Math::multiplyExact);
    }

    static String layerNorm(OnnxCall call) {
        List<Long> shape = call.numbers("normalized_shape", 1);
        List<String> inputs = List.of(call.input("input"), orFull(call, "weight", 1, shape), call.input("bias"));
        Map<String, Object> attributes = Map.of("axis", (long) -shape.size(), "epsilon", call.real("eps"));
        return call.add("LayerNormalization", inputs, attributes);
    }

    /** Writes a group norm as an instance norm of N×groups×rest: ONNX has group norms only from opset 18 on. */
    static String groupNorm(OnnxCall call) {
        String x = call.input("input");
        List<Long> shape = call.shapeOf(x);
        long groups = call.number("num_groups", 1);
        long rest = product(shape.subList(1, shape.size())) / groups;
        String grouped = call.reshape(x, List.of(shape.get(0), groups, rest));
        List<String> inputs = List.of(grouped, full(call, 1, List.of(groups)), full(call, 0, List.of(groups)));
        String normal = call.add("InstanceNormalization", inputs, Map.of("epsilon", call.real("eps")));
        String result = call.reshape(normal, shape);
        List<Long> channels = new ArrayList<>(Collections.nCopies(shape.size() - 1, 1L));
        channels.set(0, shape.get(1)); // C×1×1, to be broadcast
        String weight = call.input("weight");
        String bias = call.input("bias");
        if (!weight.isEmpty()) result = call.add("Mul", result, call.reshape(weight, channels));
        return bias.isEmpty() ? result : call.add("Add", result, call.reshape(bias, channels));
    }

    /** Writes x·Φ(x), with Φ exact or approximated by tanh. */
    static String gelu(OnnxCall call) {
        call.require("approximate", "none", "tanh");
        String x = call.input("self");
        String bell;
        if ("tanh".equals(call.get("approximate"))) {
            String cube = call.add("Mul", call.add("Mul", x, x), x);
            String inner = call.add("Add", x, call.add("Mul", cube, call.scalar(0.044715)));
            bell = call.add("Tanh", call.add("Mul", inner, call.scalar(Math.sqrt(2 / Math.PI))));
        } else {
            bell = call.add("Erf", call.add("Mul", x, call.scalar(Math.sqrt(0.5))));
        }
        return call.add("Mul", call.add("Mul", x, call.scalar(0.5)), call.add("Add", bell, call.scalar(1)));
    }

    static String attention(OnnxCall call) {
        call.require("dropout_p", 0.0);
        call.require("enable_gqa", false);
        String query = call.input("query");
        String key = call.input("key");
        int rank = call.rank(key);
        long width = call.shapeOf(query).get(rank - 1);
        double scale = call.get("scale") == null ? 1 / Math.sqrt((double) width) : call.real("scale");
        String scaled = call.add("Mul", query, call.scalar(scale));
        String scores = call.add("MatMul", scaled, swapped(call, key, rank));
        if (call.flag("is_causal")) {
            long rows = call.shapeOf(query).get(rank - 2);
            long columns = call.shapeOf(key).get(rank - 2);
            if (rows < 0 || columns < 0) throw call.unsupported(" over the examples");
            Tensor hidden = torch.full(new long[] {rows, columns}, new Scalar(Double.NEGATIVE_INFINITY));
            scores = call.add("Add", scores, call.graph().constant(hidden.triu(1)));
        }
        if (call.get("attn_mask") == null) return attended(call, softmax(call, scores));
        String infinite = call.scalar(Double.NEGATIVE_INFINITY);
        scores = call.typeOf("attn_mask") == ScalarType.Bool
                ? call.add("Where", call.input("attn_mask", ScalarType.Bool), scores, infinite)
                : call.add("Add", scores, call.input("attn_mask"));
        String largest = call.add("ReduceMax", List.of(scores), Map.of("axes", List.of(-1L)));
        String nothing = call.add("Equal", largest, infinite); // fully masked rows are zeros in PyTorch
        return attended(call, call.add("Where", nothing, call.scalar(0), softmax(call, scores)));
    }

    private static String softmax(OnnxCall call, String scores) {
        return call.add("Softmax", List.of(scores), Map.of("axis", -1L));
    }

    private static String attended(OnnxCall call, String weights) {
        return call.add("MatMul", weights, call.input("value"));
    }

    // Images

    static String pooling(OnnxCall call, String type) {
        boolean mean = type.equals("AveragePool");
        if (mean) call.require("divisor_override");
        String self = call.input("self");
        List<Long> kernel = call.spatial("kernel_size");
        List<Long> strides = List.of().equals(call.get("stride")) ? kernel : call.spatial("stride");
        List<Long> padding = call.spatial("padding");
        boolean counted = mean && call.flag("count_include_pad"); // the means include the padding
        Map<String, Object> attributes = new LinkedHashMap<>(Map.of("kernel_shape", kernel, "strides", strides));
        if (!mean) attributes.put("dilations", call.spatial("dilation"));
        if (!call.flag("ceil_mode")) {
            attributes.put("pads", OnnxCall.twice(padding));
            if (counted) attributes.put("count_include_pad", 1L);
            return call.add(type, List.of(self), attributes);
        }
        // Where the last windows exceed the image, it is padded with what no mean and no maximum includes
        List<Long> pads = new ArrayList<>(padding);
        List<Long> none = Collections.nCopies(padding.size(), 0L);
        for (int d = 0; d < padding.size(); d++) {
            long side = call.shapeOf(self).get(d + 2);
            long windows = call.result().shape().get(d + 2);
            if (side < 0 || windows < 0) throw call.unsupported(" over the examples");
            long dilation = mean ? 1 : call.spatial("dilation").get(d);
            long end = (windows - 1) * strides.get(d) + dilation * (kernel.get(d) - 1) + 1;
            pads.add(end - side - padding.get(d) - (counted ? padding.get(d) : 0));
        }
        if (counted) {
            List<Long> zeros = new ArrayList<>(List.of(0L, 0L));
            zeros.addAll(padding);
            self = call.add("Pad", self, call.graph().longs(OnnxCall.twice(zeros)), call.scalar(0));
            pads = new ArrayList<>(pads.subList(padding.size(), pads.size()));
            pads.addAll(0, none);
        }
        pads.replaceAll(pad -> Math.max(0, pad));
        attributes.put("pads", pads);
        return call.add(type, List.of(self), attributes);
    }

    static String adaptivePooling(OnnxCall call) {
        String self = call.input("self");
        List<Long> before = call.shapeOf(self);
        List<Long> after = call.result().shape();
        int rank = before.size();
        if (after.get(rank - 1) == 1 && after.get(rank - 2) == 1) return call.add("GlobalAveragePool", self);
        List<Long> kernel = new ArrayList<>();
        for (int d = rank - 2; d < rank; d++) {
            if (before.get(d) % after.get(d) != 0)
                throw call.unsupported(" from " + before.get(d) + " to " + after.get(d));
            kernel.add(before.get(d) / after.get(d));
        }
        return call.add("AveragePool", List.of(self), Map.of("kernel_shape", kernel, "strides", kernel));
    }

    /** Resizes images by the given factors or, if these are not exact, to the sizes. */
    static String upsample(OnnxCall call, String mode) {
        String self = call.input("input");
        List<Long> before = call.shapeOf(self);
        List<Long> after = call.result().shape();
        List<?> given = (List<?>) call.get("scale_factors");
        float[] factors = new float[before.size()];
        boolean exact = true;
        for (int d = 0; d < factors.length; d++) {
            factors[d] = (float) after.get(d) / before.get(d);
            if (given != null && d >= 2) factors[d] = ((Number) given.get(d - 2)).floatValue();
            else exact &= after.get(d) % before.get(d) == 0;
        }
        List<String> inputs = exact
                ? List.of(self, "", call.graph().constant(Tensors.of(factors, factors.length)))
                : List.of(self, "", "", call.sizes(after));
        String coordinates = call.flag("align_corners") ? "align_corners" : "half_pixel";
        Map<String, Object> attributes = new LinkedHashMap<>(
                Map.of("mode", mode, "coordinate_transformation_mode", coordinates, "nearest_mode", "floor"));
        if (mode.equals("nearest")) attributes.put("coordinate_transformation_mode", "asymmetric");
        if (mode.equals("cubic")) attributes.put("cubic_coeff_a", -0.75);
        return call.add("Resize", inputs, attributes);
    }

    // Sequences

    /** Writes an LSTM (ATen's gates: input, forget, cell, output), a GRU (reset, update, new) or an RNN. */
    static List<String> recurrent(OnnxCall call, String type, int gates) {
        call.require("train", false);
        boolean biases = call.flag("has_biases");
        boolean batchFirst = call.flag("batch_first");
        int directions = call.flag("bidirectional") ? 2 : 1;
        List<?> params = (List<?>) Objects.requireNonNull(call.get("params"));
        int tensors = biases ? 4 : 2; // per direction
        if (params.size() != call.number("num_layers", 1) * directions * tensors)
            throw call.unsupported(" with a projection");
        String x = call.input("input");
        List<Long> shape = call.shapeOf(x);
        if (shape.size() != 3) throw call.unsupported(" of other than three dimensions");
        long time = shape.get(batchFirst ? 1 : 0);
        long batch = shape.get(batchFirst ? 0 : 1);
        Map<String, Object> swap = Map.of("perm", List.of(1L, 0L, 2L));
        if (batchFirst) x = call.add("Transpose", List.of(x), swap);
        List<String> states = call.inputs("hx");
        long hidden = call.shapeOf(states.get(0)).get(2);
        Map<String, Object> attributes = new LinkedHashMap<>(Map.of("hidden_size", hidden));
        if (directions == 2) attributes.put("direction", "bidirectional");
        if (type.equals("GRU")) attributes.put("linear_before_reset", 1L);
        List<List<String>> last = List.of(new ArrayList<>(), new ArrayList<>());
        for (int layer = 0; layer < call.number("num_layers", 1); layer++) {
            List<Tensor> weights = new ArrayList<>();
            for (Object param : params.subList(layer * directions * tensors, (layer + 1) * directions * tensors)) {
                if (!(param instanceof State state)) throw call.unsupported(" with weights that are computed");
                weights.add(call.graph().tensor(state.name()));
            }
            List<String> inputs = new ArrayList<>(List.of(x));
            inputs.add(gates(call, weights, tensors, 0, 1, gates));
            inputs.add(gates(call, weights, tensors, 1, 1, gates));
            inputs.add(biases ? gates(call, weights, tensors, 2, 2, gates) : "");
            inputs.add(""); // no sequence_lens: all are equally long
            String begin = call.longs((long) layer * directions);
            String end = call.longs((long) (layer + 1) * directions);
            for (String state : states) inputs.add(call.add("Slice", state, begin, end, call.longs(0)));
            List<String> results = call.addMany(1 + states.size(), type, inputs, attributes);
            for (int s = 0; s < states.size(); s++) last.get(s).add(results.get(1 + s));
            String y = results.get(0); // T×directions×N×hidden
            y = call.add("Transpose", List.of(y), Map.of("perm", List.of(0L, 2L, 1L, 3L)));
            x = call.reshape(y, List.of(time, batch, directions * hidden));
        }
        if (batchFirst) x = call.add("Transpose", List.of(x), swap);
        List<String> all = new ArrayList<>(List.of(x));
        for (int s = 0; s < states.size(); s++) all.add(call.add("Concat", last.get(s), Map.of("axis", 0L)));
        return all;
    }

    /**
     * Returns weights in ONNX's order of gates (LSTM: input, output, forget, cell; GRU: update, reset, new; RNN: one).
     *
     * @param first index of the tensor among those of one direction
     * @param count how many tensors are concatenated, as the two biases
     */
    private static String gates(OnnxCall call, List<Tensor> weights, int tensors, int first, int count, int gates) {
        int[] order = switch (gates) {
            case 4 -> new int[] {0, 3, 1, 2};
            case 3 -> new int[] {1, 0, 2};
            default -> new int[] {0};
        };
        int directions = weights.size() / tensors;
        TensorVector all = new TensorVector();
        for (int i = 0; i < directions * count; i++) {
            TensorVector parts =
                    weights.get(i / count * tensors + first + i % count).chunk(gates, 0);
            for (int gate : order) all.push_back(parts.get(gate));
        }
        return call.graph().constant(torch.cat(all).unflatten(0, directions, -1));
    }
}
