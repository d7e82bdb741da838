package libtorch.export;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A method of a model, as its file describes it.
 *
 * @param name that of the network itself is "forward"
 * @param inputs in their order
 * @param outputs names of the results, in their order
 * @param outputTypes types of the results, in words, as "Float [s77, 10]"; none if the file does not say
 * @param operators number of calls of each operator; empty if the file does not say
 */
public record ModelMethod(
        String name,
        List<ModelInput> inputs,
        List<String> outputs,
        List<String> outputTypes,
        Map<String, Integer> operators) {
    /**
     * Returns arguments in the order of the inputs.
     *
     * @param given by the names of the inputs, or as 0, 1, ... in their order
     * @throws IllegalArgumentException if they are not those of the inputs
     */
    <T> List<T> inOrder(Map<String, T> given) {
        boolean unnamed = inputs.stream().allMatch(input -> input.name().matches("\\d+"));
        List<T> arguments = new ArrayList<>();
        boolean missing = false;
        for (int i = 0; i < inputs.size(); i++) {
            ModelInput input = inputs.get(i);
            T argument = given.containsKey(input.name()) ? given.get(input.name()) : given.get(Integer.toString(i));
            if (argument != null && !missing) arguments.add(argument);
            missing |= argument == null;
            if (argument == null && unnamed)
                throw new IllegalArgumentException("the file does not name the inputs of " + name
                        + ": give them as 0, 1, ... in their order, not as " + given.keySet());
            if (argument == null && !input.optional())
                throw new IllegalArgumentException(
                        "the model needs an input " + input.name() + ", beside " + given.keySet());
        }
        if (arguments.size() == given.size()) return arguments;
        boolean some = inputs.stream().anyMatch(ModelInput::optional);
        throw new IllegalArgumentException(name + " takes " + ModelInput.names(inputs)
                + (some ? ", of which the last may be left out" : "") + ", not " + given.keySet());
    }

    /** Returns results by their names, or by their numbers if there are not as many names, or two are the same. */
    static Map<String, Tensor> named(List<String> names, List<Tensor> results) {
        boolean distinct = names.size() == results.size() && new HashSet<>(names).size() == names.size();
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++)
            named.put(distinct ? names.get(i) : Integer.toString(i), results.get(i));
        return named;
    }
}
