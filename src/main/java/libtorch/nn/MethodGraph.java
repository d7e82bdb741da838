package libtorch.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The graph of one method of a network: calls of ATen operators, in order, for any number of examples.
 *
 * @param method name of the method, as "encode"
 * @param inputs its arguments
 * @param outputs names of its results; more than one are a tuple
 * @param fused whether the network computes some of these operators in another way, as two in one, so that results
 *     differ by rounding
 */
public record MethodGraph(String method, List<Symbol> inputs, List<Node> nodes, List<String> outputs, boolean fused) {
    /** The number of examples in a shape; −k is k times that number. */
    public static final long BATCH = -1;

    /** Returns an input whose first size is the number of examples. */
    public Symbol batchInput() {
        return inputs.stream()
                .filter(input -> !input.shape().isEmpty() && input.shape().get(0) == BATCH)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no argument of " + method + " has the number of examples as its first size"));
    }

    /**
     * An input or a result of a node.
     *
     * @param shape sizes; a negative one is a multiple of {@link #BATCH}
     */
    public record Symbol(String name, ScalarType type, List<Long> shape) {
        /** Describes a tensor. */
        public static Symbol of(String name, Tensor tensor) {
            List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
            return new Symbol(name, tensor.scalar_type().intern(), shape);
        }
    }

    /**
     * A call of an operator.
     *
     * @param operator name of the operator in ATen, with its overload if it has one, as "flatten.using_ints"
     * @param arguments by their names in the operator's schema, in its order; those with their default may be absent.
     *     Each is a {@link Ref}, a {@link State}, a {@link Size}, a Boolean, Long, Double, String, ScalarType or
     *     MemoryFormat, a list of such, or null
     * @param results one or more; an operator that returns a list has one for each element
     */
    public record Node(String operator, Map<String, @Nullable Object> arguments, List<Symbol> results) {
        /** Returns the first result. */
        public Symbol result() {
            return results.get(0);
        }

        /** Returns its arguments, with lists replaced by their elements. */
        public Stream<@Nullable Object> values() {
            return arguments.values().stream()
                    .flatMap(argument -> argument instanceof List<?> list ? list.stream() : Stream.of(argument));
        }

        /** Returns the parameters and buffers among its arguments. */
        public List<State> weights() {
            return values().filter(State.class::isInstance)
                    .map(State.class::cast)
                    .toList();
        }

        /** Returns whether it makes a tensor of no other, on a device that a file has to name. */
        public boolean isFactory() {
            return values().noneMatch(value -> value instanceof Ref || value instanceof State)
                    && AtenOperator.named(operator).parameters().stream()
                            .anyMatch(parameter -> parameter.name().equals("device"));
        }

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

    /** An argument that is a whole multiple of the number of examples. */
    public record Size(long times) {}
}
