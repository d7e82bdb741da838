package libtorch.nn;

import java.util.List;
import java.util.Map;

/**
 * One method of a network as a list of calls of ATen operators, in order, for any number of examples.
 *
 * @param method name of the method, as "encode"
 * @param inputs its arguments
 * @param outputs names of its results; more than one are a tuple
 * @param folded whether training computes two of these operators in one, so that results differ by rounding
 */
public record MethodGraph(String method, List<Symbol> inputs, List<Node> nodes, List<String> outputs, boolean folded) {
    /** Stands for the number of examples in a shape. */
    public static final long BATCH = -1;

    /**
     * An input or the result of a node.
     *
     * @param shape sizes, of which the number of examples is {@link #BATCH}
     */
    public record Symbol(String name, List<Long> shape) {}

    /**
     * A call of an operator.
     *
     * @param operator name of the operator in ATen, with its overload where it has one, as "flatten.using_ints"
     * @param arguments by their names in the operator's schema, in its order; those with their default may be absent.
     *     Each is a {@link Ref}, a {@link State}, a Boolean, Long or Double, a list of Longs or Doubles, or null
     */
    public record Node(String operator, Map<String, Object> arguments, Symbol result) {
        /** Returns the operator's name without its overload. */
        public String function() {
            return operator.replaceFirst("\\..*", "");
        }
    }

    /** An argument that is an input or the result of another node. */
    public record Ref(String name) {}

    /** An argument that is a parameter or a buffer of the network, as "conv1.weight". */
    public record State(String name) {
        /** Returns the name of its layer: "conv1". */
        public String layer() {
            return name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
        }
    }
}
