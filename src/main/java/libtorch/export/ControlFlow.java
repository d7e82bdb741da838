package libtorch.export;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import libtorch.export.Step.Function;
import libtorch.nn.Tracer;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Calls the subgraphs of higher-order operators: branches, loops, parts without gradients or with autocast. */
final class ControlFlow {
    private static final String PREFIX = "torch.ops.higher_order.";

    /** Runs a part with autocast: device, type, whether it is enabled, whether casts are cached. */
    private static final String AUTOCAST = PREFIX + "wrap_with_autocast";

    private static final int SETTINGS = 4; // before autocast's graph

    private ControlFlow() {}

    /** Returns the arguments of a node that are values or graphs. */
    static List<Json> values(String target, Json node) {
        List<Json> inputs = node.get("inputs").list();
        if (!target.equals(AUTOCAST)) return inputs;
        if (inputs.size() <= SETTINGS) throw node.get("inputs").wrong("what " + AUTOCAST + " needs");
        return inputs.subList(SETTINGS, inputs.size());
    }

    /** Returns the function of a part with autocast, on the device type that the program names. */
    private static Function autocast(List<Json> inputs, Body body) {
        String device = inputs.get(0).get("arg").get("as_string").text();
        if (!List.of("cpu", "cuda").contains(device)) throw inputs.get(0).wrong("cpu or cuda");
        DeviceType kind = device.equals("cpu") ? DeviceType.CPU : DeviceType.CUDA;
        Json dtype = inputs.get(1).get("arg");
        ScalarType type = dtype.kind().equals("as_scalar_type")
                ? ExportedArchive.type(dtype.value())
                : torch.get_autocast_dtype(kind);
        boolean on = inputs.get(2).get("arg").get("as_bool").flag();
        return (given, values) -> {
            if (on) Tracer.requireNoInlining(AUTOCAST);
            boolean before = torch.is_autocast_enabled(kind);
            boolean cached = torch.is_autocast_cache_enabled();
            ScalarType typeBefore = torch.get_autocast_dtype(kind);
            try {
                torch.set_autocast_enabled(kind, on);
                torch.set_autocast_dtype(kind, type);
                torch.set_autocast_cache_enabled(false); // weights may be trained between two calls
                return body.call(given, values);
            } finally {
                torch.set_autocast_enabled(kind, before);
                torch.set_autocast_dtype(kind, typeBefore);
                torch.set_autocast_cache_enabled(cached);
            }
        };
    }

    static boolean has(String target) {
        return target.startsWith(PREFIX)
                && List.of("cond", "while_loop", "map_impl", "wrap_with_set_grad_enabled", "wrap_with_autocast")
                        .contains(target.substring(PREFIX.length()));
    }

    /** Checks that a node has the arguments that its kind needs. */
    private static void require(String target, Json node, List<Body> bodies, int arguments, List<Integer> lists) {
        String kind = target.substring(PREFIX.length());
        int graphs = kind.equals("cond") || kind.equals("while_loop") ? 2 : 1;
        boolean complete = bodies.size() == graphs && arguments >= 1 && (!kind.equals("map_impl") || lists.get(0) > 0);
        int given = kind.equals("cond") || kind.equals("wrap_with_set_grad_enabled") ? arguments - 1 : arguments;
        for (Body body : bodies) complete &= body.inputs().size() == given;
        if (!complete) throw node.get("inputs").wrong("what " + target + " needs");
    }

    /**
     * Returns the function of a node.
     *
     * @param bodies the graphs among its arguments
     * @param values number of values of its other arguments, which are passed as one list
     * @param lists number of values of each list among them, in order
     * @throws IllegalArgumentException if they are not what a node of its kind needs
     */
    static Function function(String target, Json node, List<Body> bodies, int values, List<Integer> lists) {
        require(target, node, bodies, values, lists);
        String kind = target.substring(PREFIX.length());
        Function function = switch (kind) {
            case "cond" ->
                (given, context) -> {
                    boolean holds = isTrue(given.get(0));
                    return bodies.get(holds ? 0 : 1).call(given.subList(1, given.size()), context);
                };
            case "while_loop" ->
                (given, context) -> {
                    int carried = lists.get(0);
                    List<IValue> state = new ArrayList<>(given);
                    while (isTrue(bodies.get(0).call(state, context).get(0))) {
                        List<IValue> next = bodies.get(1).call(state, context);
                        for (int i = 0; i < carried; i++) state.set(i, next.get(i));
                    }
                    return state.subList(0, carried).stream().map(IValue::new).toList();
                };
            case "map_impl" -> (given, context) -> map(bodies.get(0), given, lists.get(0), context);
            case "wrap_with_autocast" -> autocast(node.get("inputs").list(), bodies.get(0));
            default ->
                (given, context) -> {
                    try (AutoGradMode mode = new AutoGradMode(isTrue(given.get(0)) && GradMode.is_enabled())) {
                        return bodies.get(0).call(given.subList(1, given.size()), context);
                    }
                };
        };
        boolean always = kind.startsWith("wrap_");
        return (given, context) -> {
            if (!always) Tracer.requireNoInlining(target);
            return function.call(given, context);
        };
    }

    private static boolean isTrue(IValue condition) {
        return condition.isTensor() ? condition.toTensor().item_bool() : condition.toBool();
    }

    /** Calls a graph with each row of the first arguments, and stacks the results. */
    private static List<IValue> map(Body body, List<IValue> given, int mapped, Step.Values values) {
        List<TensorVector> rows = new ArrayList<>();
        long n = given.get(0).toTensor().size(0);
        for (long row = 0; row < n; row++) {
            List<IValue> arguments = new ArrayList<>(given);
            for (int i = 0; i < mapped; i++)
                arguments.set(i, new IValue(given.get(i).toTensor().select(0, row)));
            List<IValue> results = body.call(arguments, values);
            for (int i = 0; i < results.size(); i++) {
                if (row == 0) rows.add(new TensorVector());
                rows.get(i).push_back(results.get(i).toTensor());
            }
        }
        return IntStream.range(0, rows.size())
                .mapToObj(i -> new IValue(torch.stack(rows.get(i), 0)))
                .toList();
    }
}
