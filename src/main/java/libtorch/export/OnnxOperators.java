package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import libtorch.export.OnnxGraph.Info;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The operators of ATen as operators of ONNX. Those with weights, and those that are several there, are {@link OnnxLayers}. */
final class OnnxOperators {
    /** Operators of one tensor that have another name and no settings. */
    private static final Map<String, String> FUNCTIONS = Map.ofEntries(
            Map.entry("relu", "Relu"),
            Map.entry("sigmoid", "Sigmoid"),
            Map.entry("tanh", "Tanh"),
            Map.entry("abs", "Abs"),
            Map.entry("neg", "Neg"),
            Map.entry("exp", "Exp"),
            Map.entry("log", "Log"),
            Map.entry("sqrt", "Sqrt"),
            Map.entry("reciprocal", "Reciprocal"),
            Map.entry("erf", "Erf"),
            Map.entry("sin", "Sin"),
            Map.entry("cos", "Cos"),
            Map.entry("floor", "Floor"),
            Map.entry("ceil", "Ceil"),
            Map.entry("sign", "Sign"),
            Map.entry("softplus", "Softplus"),
            Map.entry("hardswish", "HardSwish"),
            Map.entry("logical_not", "Not"));

    private static final Map<String, String> COMPARISONS =
            Map.of("eq", "Equal", "gt", "Greater", "lt", "Less", "ge", "GreaterOrEqual", "le", "LessOrEqual");

    private OnnxOperators() {}

    /** Adds the nodes of a call, and returns the names of its results. */
    static List<String> add(OnnxCall call) {
        try {
            return switch (call.node().operator()) {
                case "lstm.input" -> OnnxLayers.recurrent(call, "LSTM", 4);
                case "gru.input" -> OnnxLayers.recurrent(call, "GRU", 3);
                case "split.Tensor", "split_with_sizes", "split.sizes", "chunk", "unbind.int" -> parts(call);
                default -> List.of(one(call));
            };
        } catch (IllegalArgumentException e) {
            throw call.unknown(", where " + e.getMessage() + ",");
        }
    }

    private static String one(OnnxCall call) {
        String function = call.node().function();
        if (FUNCTIONS.containsKey(function)) {
            call.require("beta", 1L, 1.0);
            call.require("threshold", 20L, 20.0);
            return call.add(Objects.requireNonNull(FUNCTIONS.get(function)), List.of(call.input("self")));
        }
        if (COMPARISONS.containsKey(function)) {
            String self = call.input("self");
            String other = call.input("other", call.graph().info(self).type());
            return call.add(Objects.requireNonNull(COMPARISONS.get(function)), List.of(self, other));
        }
        return switch (call.node().operator()) {
            case "conv1d", "conv2d", "conv3d" -> OnnxLayers.convolution(call);
            case "conv_transpose1d", "conv_transpose2d.input" -> OnnxLayers.transposedConvolution(call);
            case "linear" -> OnnxLayers.linear(call);
            case "batch_norm" -> OnnxLayers.batchNorm(call);
            case "layer_norm" -> OnnxLayers.layerNorm(call);
            case "group_norm" -> OnnxLayers.groupNorm(call);
            case "embedding" -> call.add("Gather", List.of(call.input("weight"), call.input("indices")), "axis", 0L);
            case "scaled_dot_product_attention" -> OnnxLayers.attention(call);
            case "gelu" -> OnnxLayers.gelu(call);
            case "silu" -> product(call, call.input("self"), call.add("Sigmoid", List.of(call.input("self"))));
            case "max_pool1d", "max_pool2d" -> OnnxLayers.pooling(call, "MaxPool");
            case "avg_pool1d", "avg_pool2d" -> OnnxLayers.pooling(call, "AveragePool");
            case "adaptive_avg_pool2d" -> OnnxLayers.adaptivePooling(call);
            case "upsample_nearest2d.vec", "upsample_bilinear2d.vec" -> OnnxLayers.upsample(call);
            case "add.Tensor", "add.Scalar" -> sum(call, "Add");
            case "sub.Tensor", "sub.Scalar" -> sum(call, "Sub");
            case "mul.Tensor", "mul.Scalar" -> binary(call, "Mul", "other");
            case "div.Tensor", "div.Scalar" -> binary(call, "Div", "other");
            case "maximum" -> binary(call, "Max", "other");
            case "minimum" -> binary(call, "Min", "other");
            case "pow.Tensor_Scalar", "pow.Tensor_Tensor" -> binary(call, "Pow", "exponent");
            case "matmul", "mm", "bmm" ->
                call.add(
                        "MatMul",
                        List.of(
                                call.input("self"),
                                call.input(call.node().arguments().containsKey("other") ? "other" : "mat2")));
            case "square" -> product(call, call.input("self"), call.input("self"));
            case "rsqrt" -> call.add("Reciprocal", List.of(call.add("Sqrt", List.of(call.input("self")))));
            case "leaky_relu" ->
                call.add("LeakyRelu", List.of(call.input("self")), "alpha", real(call, "negative_slope", 0.01));
            case "elu" -> {
                call.require("scale", 1L, 1.0);
                call.require("input_scale", 1L, 1.0);
                yield call.add("Elu", List.of(call.input("self")), "alpha", real(call, "alpha", 1));
            }
            case "clamp" -> call.add("Clip", List.of(call.input("self"), call.input("min"), call.input("max")));
            case "where.self" ->
                call.add("Where", List.of(call.input("condition"), call.promoted("self"), call.promoted("other")));
            case "masked_fill.Scalar" ->
                call.add("Where", List.of(call.input("mask"), call.input("value"), call.input("self")));
            case "softmax.int" -> along(call, "Softmax");
            case "log_softmax.int" -> along(call, "LogSoftmax");
            case "mean", "mean.dim" -> reduction(call, "ReduceMean");
            case "amax" -> reduction(call, "ReduceMax");
            case "amin" -> reduction(call, "ReduceMin");
            case "sum", "sum.dim_IntList" -> reduction(call, "ReduceSum");
            case "flatten.using_ints",
                    "view",
                    "reshape",
                    "_unsafe_view",
                    "unflatten.int",
                    "unsqueeze",
                    "squeeze.dim",
                    "squeeze" -> call.reshape(call.input("self"), call.result().shape());
            case "transpose.int", "permute", "t" -> transpose(call);
            case "cat" -> call.add("Concat", call.inputs("tensors"), "axis", dimension(call));
            case "stack" -> stack(call);
            case "slice.Tensor" -> slice(call);
            case "narrow" -> narrow(call);
            case "select.int" -> select(call);
            case "index_select" ->
                call.add("Gather", List.of(call.input("self"), call.input("index")), "axis", dimension(call));
            case "expand" ->
                call.add(
                        "Expand",
                        List.of(call.input("self"), call.sizes(call.result().shape())));
            case "constant_pad_nd" -> pad(call);
            case "pixel_shuffle" ->
                call.add(
                        "DepthToSpace",
                        List.of(call.input("self")),
                        "blocksize",
                        call.number("upscale_factor", 1),
                        "mode",
                        "CRD");
            case "new_zeros", "zeros", "zeros_like" -> filled(call, 0);
            case "new_ones", "ones", "ones_like" -> filled(call, 1);
            case "arange", "arange.start" -> arange(call);
            case "to.dtype", "_to_copy" ->
                call.add(
                        "Cast",
                        List.of(call.input("self")),
                        "to",
                        OnnxGraph.type(call.result().type()));
            case "dropout" -> {
                call.require("train", false);
                yield call.input("input");
            }
            case "contiguous", "detach", "clone", "alias" -> call.input("self");
            default -> throw call.unknown("");
        };
    }

    static double real(OnnxCall call, String argument, double byDefault) {
        return ((Number) call.get(argument, byDefault)).doubleValue();
    }

    static String product(OnnxCall call, String a, String b) {
        return call.add("Mul", List.of(a, b));
    }

    /** Returns the argument dim, counted from the first dimension of the result. */
    private static long dimension(OnnxCall call) {
        return call.dimension("dim", 0, call.result().shape().size());
    }

    private static String binary(OnnxCall call, String type, String other) {
        call.require("rounding_mode");
        return call.add(type, List.of(call.promoted("self"), call.promoted(other)));
    }

    /** Adds or subtracts, without a factor. */
    private static String sum(OnnxCall call, String type) {
        call.require("alpha", 1L, 1.0);
        return binary(call, type, "other");
    }

    private static String along(OnnxCall call, String type) {
        call.require("dtype");
        return call.add(type, List.of(call.input("self")), "axis", call.number("dim", 0));
    }

    private static String reduction(OnnxCall call, String type) {
        call.require("dtype");
        String self = call.input("self");
        List<Long> axes = call.get("dim") == null
                ? LongStream.range(0, call.rank(self)).boxed().toList()
                : call.numbers("dim", 1, 0);
        long keep = Boolean.TRUE.equals(call.get("keepdim")) ? 1 : 0;
        return type.equals("ReduceSum") // whose axes are an input in this opset
                ? call.add(type, List.of(call.promoted("self"), call.graph().longs(axes)), "keepdims", keep)
                : call.add(type, List.of(self), "axes", axes, "keepdims", keep);
    }

    private static String transpose(OnnxCall call) {
        String self = call.input("self");
        int rank = call.rank(self);
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        if (call.node().operator().equals("permute")) {
            order = call.numbers("dims", rank, 0).stream()
                    .map(dim -> (long) Math.floorMod(dim, rank))
                    .toList();
        } else if (rank > 1) {
            Collections.swap(order, (int) call.dimension("dim0", 0, rank), (int) call.dimension("dim1", 1, rank));
        }
        return call.add("Transpose", List.of(self), "perm", order);
    }

    private static String stack(OnnxCall call) {
        long axis = dimension(call);
        List<String> parts = new ArrayList<>();
        for (String part : call.inputs("tensors")) parts.add(call.add("Unsqueeze", List.of(part, call.longs(axis))));
        return call.add("Concat", parts, "axis", axis);
    }

    private static String slice(OnnxCall call) {
        String self = call.input("self");
        long axis = call.dimension("dim", 0, call.rank(self));
        List<String> inputs = List.of(
                self,
                call.longs(call.number("start", 0)),
                call.longs(call.number("end", Long.MAX_VALUE)),
                call.longs(axis),
                call.longs(call.number("step", 1)));
        return call.add("Slice", inputs);
    }

    private static String narrow(OnnxCall call) {
        long start = call.number("start", 0);
        long end = start + call.number("length", 0);
        long axis = dimension(call);
        return call.add("Slice", List.of(call.input("self"), call.longs(start), call.longs(end), call.longs(axis)));
    }

    private static String select(OnnxCall call) {
        String self = call.input("self");
        String index = call.graph().scalar(call.number("index", 0), ScalarType.Long);
        return call.add("Gather", List.of(self, index), "axis", call.dimension("dim", 0, call.rank(self)));
    }

    /** Splits into parts, whose sizes are known from the trace. */
    private static List<String> parts(OnnxCall call) {
        String self = call.input("self");
        long axis = call.dimension("dim", 0, call.rank(self));
        boolean removed = call.node().operator().startsWith("unbind");
        List<Long> sizes = new ArrayList<>();
        for (Symbol part : call.results()) sizes.add(removed ? 1 : part.shape().get((int) axis));
        if (sizes.stream().anyMatch(size -> size < 0)) throw call.unknown(" along the examples");
        List<String> parts =
                call.addMany(sizes.size(), "Split", List.of(self, call.graph().longs(sizes)), "axis", axis);
        if (!removed) return parts;
        return parts.stream()
                .map(part -> call.add("Squeeze", List.of(part, call.longs(axis))))
                .toList();
    }

    private static String pad(OnnxCall call) {
        String self = call.input("self");
        List<Long> amounts = call.numbers("pad", 0, 0);
        int rank = call.rank(self);
        Long[] pads = new Long[2 * rank]; // all at the beginnings, then all at the ends
        Arrays.fill(pads, 0L);
        for (int i = 0; i < amounts.size() / 2; i++) {
            pads[rank - 1 - i] = amounts.get(2 * i);
            pads[2 * rank - 1 - i] = amounts.get(2 * i + 1);
        }
        Object value = call.get("value", 0.0);
        return call.add(
                "Pad",
                List.of(
                        self,
                        call.graph().longs(List.of(pads)),
                        call.graph().scalar(value, call.result().type())));
    }

    private static String filled(OnnxCall call, int value) {
        Info result = call.result();
        String number = call.graph().scalar(value, result.type());
        return call.add("Expand", List.of(number, call.sizes(result.shape())));
    }

    private static String arange(OnnxCall call) {
        if (call.result().type() != ScalarType.Long) throw call.unknown(" of numbers with a fraction");
        long start = call.number("start", 0);
        long end = call.number("end", 0);
        return call.graph().longs(LongStream.range(start, end).boxed().toList());
    }
}
