package mnist.model;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A method of a network that files offer.
 *
 * @param parameters names of its arguments
 * @param examples a value for each argument, to call it with
 */
public record Method(
        String name, List<String> parameters, List<Value> examples, Function<List<Value>, List<Value>> body) {
    /** Describes a method of one argument and one result. */
    public static Method of(String name, String parameter, Value example, UnaryOperator<Value> body) {
        return new Method(name, List.of(parameter), List.of(example), values -> List.of(body.apply(values.get(0))));
    }

    /** Calls the method with its examples. */
    public List<Value> call() {
        return body.apply(examples);
    }
}
