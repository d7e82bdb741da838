package libtorch.nn;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A method of a network that is saved in files.
 *
 * @param parameters names of its arguments
 * @param examples an example value of each argument
 */
public record NetworkMethod(
        String name,
        List<String> parameters,
        List<Activation> examples,
        Function<List<Activation>, List<Activation>> body) {
    /** Describes a method of one argument and one result. */
    public static NetworkMethod of(String name, String parameter, Activation example, UnaryOperator<Activation> body) {
        return new NetworkMethod(
                name, List.of(parameter), List.of(example), values -> List.of(body.apply(values.get(0))));
    }

    /** Calls the method with its examples. */
    public List<Activation> call() {
        return body.apply(examples);
    }
}
