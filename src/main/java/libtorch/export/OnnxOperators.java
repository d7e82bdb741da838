package libtorch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import libtorch.nn.MethodGraph.Symbol;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Writes operators of ATen as operators of ONNX. Layers and composed functions are in {@link OnnxLayers}. */
final class OnnxOperators {
    /**
     * Operators that are one in ONNX, in columns: ATen's names, with an overload if only that is meant; ONNX's name,
     * "-" if it is ATen's with a capital letter; the arguments that are its inputs; its attributes, each with an
     * argument, number or string. Other arguments must have their defaults.
     */
    private static final String TABLE = """
            abs,ceil,cos,erf,exp,floor,log,neg,reciprocal,relu,sigmoid,sign,sin,softplus,sqrt,tanh - self
            add,sub,mul,div                         -               self other
            rsub                                    Sub             other self
            pow                                     Pow             self exponent
            maximum                                 Max             self other
            minimum                                 Min             self other
            matmul                                  MatMul          self other
            mm,bmm                                  MatMul          self mat2
            logical_not,bitwise_not                 Not             self
            logical_and,bitwise_and                 And             self other
            logical_or,bitwise_or                   Or              self other
            logical_xor,bitwise_xor                 Xor             self other
            where                                   -               condition self other
            masked_fill                             Where           mask value self
            clamp                                   Clip            self min max
            hardswish                               HardSwish       self
            hardtanh                                Clip            self min_val max_val
            elu                                     -               self alpha=alpha
            leaky_relu                              LeakyRelu       self alpha=negative_slope
            softmax.int                             Softmax         self axis=dim
            log_softmax.int                         LogSoftmax      self axis=dim
            tril                                    Trilu           self diagonal upper=0
            triu                                    Trilu           self diagonal upper=1
            cat                                     Concat          tensors axis=dim
            embedding                               Gather          weight indices axis=0
            index_select,select.int                 Gather          self index axis=dim
            gather                                  GatherElements  self index axis=dim
            pixel_shuffle                           DepthToSpace    self blocksize=upscale_factor mode='CRD'
            conv1d,conv2d,conv3d                    Conv            input weight bias strides=stride pads=padding \
                                                                    dilations=dilation group=groups
            conv_transpose1d,conv_transpose2d.input ConvTranspose   input weight bias strides=stride pads=padding \
                                                                    dilations=dilation group=groups \
                                                                    output_padding=output_padding
            """;

    /** Rows of the table, by operator. */
    private static final Map<String, List<String>> ROWS = new HashMap<>();

    static {
        for (String line : TABLE.lines().toList()) {
            List<String> row = List.of(line.split(" +"));
            for (String operator : row.get(0).split(",")) ROWS.put(operator, row);
        }
    }

    /** Arguments that do not affect the results. */
    private static final Set<String> IRRELEVANT = Set.of("padding_idx", "scale_grad_by_freq", "sparse", "sparse_grad");

    /** Operators of ONNX that take and return booleans only. */
    private static final Set<String> LOGICAL = Set.of("And", "Or", "Xor", "Not");

    private static final Map<String, String> COMPARISONS =
            Map.of("eq", "Equal", "gt", "Greater", "lt", "Less", "ge", "GreaterOrEqual", "le", "LessOrEqual");

    private OnnxOperators() {}

    /** Adds the nodes of a call, and returns the names of its results. */
    static List<String> add(OnnxCall call) {
        try {
            return switch (call.node().operator()) {
                case "lstm.input" -> OnnxLayers.recurrent(call, "LSTM", 4);
                case "gru.input" -> OnnxLayers.recurrent(call, "GRU", 3);
                case "rnn_tanh.input" -> OnnxLayers.recurrent(call, "RNN", 1);
                case "split.Tensor", "split_with_sizes", "split.sizes", "chunk", "unbind.int" -> split(call);
                case "clamp.Tensor" -> List.of(clamp(call));
                default -> List.of(one(call));
            };
        } catch (IllegalArgumentException e) {
            throw call.unsupported(" (" + e.getMessage() + ")");
        }
    }

    private static String one(OnnxCall call) {
        String function = call.node().function();
        List<String> row = ROWS.getOrDefault(call.node().operator(), ROWS.get(function));
        if (row != null) return fromTable(call, row);
        if (COMPARISONS.containsKey(function)) return comparison(call, COMPARISONS.get(function));
        return switch (call.node().operator()) {
            case "ne.Scalar", "ne.Tensor" -> call.add("Not", comparison(call, "Equal"));
            case "linear" -> OnnxLayers.linear(call);
            case "batch_norm" -> OnnxLayers.batchNorm(call);
            case "layer_norm" -> OnnxLayers.layerNorm(call);
            case "group_norm" -> OnnxLayers.groupNorm(call);
            case "scaled_dot_product_attention" -> OnnxLayers.attention(call);
            case "gelu" -> OnnxLayers.gelu(call);
            case "silu" -> call.add("Mul", call.input("self"), call.add("Sigmoid", call.input("self")));
            case "hardsigmoid" -> call.add("HardSigmoid", List.of(call.input("self")), Map.of("alpha", 1 / 6.0));
            case "einsum" ->
                call.add(
                        "Einsum",
                        call.inputs("tensors"),
                        Map.of("equation", Objects.requireNonNull(call.get("equation"))));
            case "index.Tensor" -> index(call);
            case "square" -> call.add("Mul", call.input("self"), call.input("self"));
            case "rsqrt" -> call.add("Reciprocal", call.add("Sqrt", call.input("self")));
            case "max_pool1d", "max_pool2d" -> OnnxLayers.pooling(call, "MaxPool");
            case "avg_pool1d", "avg_pool2d" -> OnnxLayers.pooling(call, "AveragePool");
            case "adaptive_avg_pool2d" -> OnnxLayers.adaptivePooling(call);
            case "upsample_nearest1d.vec", "upsample_nearest2d.vec" -> OnnxLayers.upsample(call, "nearest");
            case "upsample_linear1d.vec", "upsample_bilinear2d.vec" -> OnnxLayers.upsample(call, "linear");
            case "upsample_bicubic2d.vec" -> OnnxLayers.upsample(call, "cubic");
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
            case "stack" -> stack(call);
            case "slice.Tensor" -> slice(call, call.number("start", 0), call.number("end", Long.MAX_VALUE));
            case "narrow" -> {
                long start = call.number("start", 0);
                yield slice(call, start, start + call.number("length", 0));
            }
            case "expand" ->
                call.add("Expand", call.input("self"), call.sizes(call.result().shape()));
            case "constant_pad_nd", "pad" -> pad(call);
            case "new_zeros", "zeros", "zeros_like" -> filled(call, 0);
            case "new_ones", "ones", "ones_like" -> filled(call, 1);
            case "arange", "arange.start" -> arange(call);
            case "dropout" -> {
                call.require("train", false);
                yield call.input("input");
            }
            case "contiguous", "detach", "clone", "alias", "lift_fresh_copy", "to.dtype", "_to_copy" ->
                call.input("self");
            default -> throw call.unsupported("");
        };
    }

    /** Clamps to bounds that are tensors, which ONNX's Clip does not take. */
    private static String clamp(OnnxCall call) {
        String self = call.input("self");
        String least = call.get("min") == null ? self : call.add("Max", self, call.input("min"));
        return call.get("max") == null ? least : call.add("Min", least, call.input("max"));
    }

    private static String fromTable(OnnxCall call, List<String> row) {
        String function = call.node().function();
        String type =
                row.get(1).equals("-") ? Character.toUpperCase(function.charAt(0)) + function.substring(1) : row.get(1);
        List<String> inputs = new ArrayList<>();
        Map<String, Object> attributes = new LinkedHashMap<>();
        Set<String> named = new HashSet<>(IRRELEVANT);
        for (String word : row.subList(2, row.size())) {
            String[] attribute = word.split("=");
            named.add(attribute[attribute.length - 1]);
            if (attribute.length == 1) inputs.addAll(call.inputs(word));
            else attributes.put(attribute[0], call.attribute(attribute[0], attribute[1]));
        }
        call.requireDefaults(named);
        if (LOGICAL.contains(type) && call.result().type() != ScalarType.Bool) throw call.unsupported(" of numbers");
        return call.add(type, inputs, attributes);
    }

    /** Compares the values in their common type. */
    private static String comparison(OnnxCall call, String type) {
        ScalarType self = call.typeOf("self");
        ScalarType other = call.typeOf("other");
        boolean number = call.get("other") instanceof Number;
        boolean fits = number && (self.equals(other) || self == ScalarType.Float || self == ScalarType.Double);
        ScalarType common = fits ? self : torch.promoteTypes(self, other).intern();
        return call.add(type, call.input("self", common), call.input("other", common));
    }

    /** Returns the argument dim as an index from 0 on of the result's dimensions. */
    private static long dimension(OnnxCall call) {
        return call.dimension("dim", 0, call.result().shape().size());
    }

    private static String reduction(OnnxCall call, String type) {
        call.require("dtype");
        String self = call.input("self");
        List<Long> axes = call.get("dim") == null
                ? LongStream.range(0, call.rank(self)).boxed().toList()
                : call.numbers("dim", 1);
        long keep = Boolean.TRUE.equals(call.get("keepdim")) ? 1 : 0;
        return type.equals("ReduceSum") // whose axes are an input in this opset
                ? call.add(type, List.of(self, call.graph().longs(axes)), Map.of("keepdims", keep))
                : call.add(type, List.of(self), Map.of("axes", axes, "keepdims", keep));
    }

    private static String transpose(OnnxCall call) {
        String self = call.input("self");
        int rank = call.rank(self);
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        if (call.node().operator().equals("permute")) {
            order = new ArrayList<>(call.numbers("dims", rank));
            order.replaceAll(dimension -> (long) Math.floorMod(dimension, rank));
        } else if (rank > 1) {
            Collections.swap(order, (int) call.dimension("dim0", 0, rank), (int) call.dimension("dim1", 1, rank));
        }
        return call.add("Transpose", List.of(self), Map.of("perm", order));
    }

    private static String stack(OnnxCall call) {
        long axis = dimension(call);
        List<String> parts = new ArrayList<>();
        for (String part : call.inputs("tensors")) parts.add(call.add("Unsqueeze", part, call.longs(axis)));
        return call.add("Concat", parts, Map.of("axis", axis));
    }

    private static String slice(OnnxCall call, long start, long end) {
        String self = call.input("self");
        String axis = call.longs(call.dimension("dim", 0, call.rank(self)));
        String step = call.longs(call.number("step", 1));
        return call.add("Slice", self, call.longs(start), call.longs(end), axis, step);
    }

    /** Splits into parts, whose sizes are known from the trace. */
    private static List<String> split(OnnxCall call) {
        String self = call.input("self");
        long axis = call.dimension("dim", 0, call.rank(self));
        boolean removed = call.node().operator().startsWith("unbind");
        List<Long> sizes = new ArrayList<>();
        for (Symbol part : call.node().results())
            sizes.add(removed ? 1 : part.shape().get((int) axis));
        if (sizes.stream().anyMatch(size -> size < 0)) throw call.unsupported(" along the examples");
        List<String> inputs = List.of(self, call.graph().longs(sizes));
        List<String> parts = call.addMany(sizes.size(), "Split", inputs, Map.of("axis", axis));
        if (!removed) return parts;
        return parts.stream()
                .map(part -> call.add("Squeeze", part, call.longs(axis)))
                .toList();
    }

    /** Takes entries of one dimension, which a tensor of numbers selects. */
    private static String index(OnnxCall call) {
        List<?> indices = (List<?>) Objects.requireNonNull(call.get("indices"));
        List<Integer> given = IntStream.range(0, indices.size())
                .filter(i -> indices.get(i) != null)
                .boxed()
                .toList();
        String index = call.named("indices", indices.get(given.get(0)));
        if (given.size() != 1 || call.graph().symbol(index).type() == ScalarType.Bool)
            throw call.unsupported(" with several indices or a mask");
        return call.add("Gather", List.of(call.input("self"), index), Map.of("axis", (long) given.get(0)));
    }

    private static String pad(OnnxCall call) {
        String self = call.input("self");
        List<Long> amounts = call.numbers("pad", 0);
        int rank = call.rank(self);
        Long[] pads = new Long[2 * rank]; // all at the beginnings, then all at the ends
        Arrays.fill(pads, 0L);
        for (int i = 0; i < amounts.size() / 2; i++) {
            pads[rank - 1 - i] = amounts.get(2 * i);
            pads[2 * rank - 1 - i] = amounts.get(2 * i + 1);
        }
        Object mode = call.get("mode");
        return mode == null || mode.equals("constant")
                ? call.add("Pad", self, call.graph().longs(List.of(pads)), call.input("value"))
                : call.add("Pad", List.of(self, call.graph().longs(List.of(pads))), Map.of("mode", padding(call)));
    }

    /** Returns ONNX's word for numbers around an image that are those of its edges. */
    private static String padding(OnnxCall call) {
        call.require("mode", "reflect", "replicate");
        return "reflect".equals(call.get("mode")) ? "reflect" : "edge";
    }

    private static String filled(OnnxCall call, long value) {
        Symbol result = call.result();
        return call.add("Expand", call.graph().scalar(value, result.type()), call.sizes(result.shape()));
    }

    private static String arange(OnnxCall call) {
        if (call.result().type() != ScalarType.Long) throw call.unsupported(" of numbers with a fraction");
        long start = call.number("start", 0);
        long end = call.number("end", 0);
        return call.graph().longs(LongStream.range(start, end).boxed().toList());
    }
}
