package libtorch.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import libtorch.Tensors;
import libtorch.export.ArgumentReader.Source;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.TensorVector;

/**
 * A node of a graph: it computes named values from earlier ones.
 *
 * @param target name of the function it calls, for messages
 * @param written positions of the arguments that are mutated in place
 * @param results the names of its results
 * @param unused values that no later step needs
 * @param training whether it runs in training only
 */
record Step(
        String target,
        Function function,
        List<Source> arguments,
        List<Integer> written,
        List<Result> results,
        List<String> unused,
        boolean training) {
    /** The function of a step; arguments and results are in the open scope. */
    interface Function {
        List<IValue> call(List<IValue> arguments, Values values);
    }

    /** The names of one result: several if it is a list of tensors, none if it is not used. */
    record Result(boolean list, List<String> names) {}

    /** Training, evaluation, or the mode in which the program was exported. */
    enum Mode {
        TRAINING,
        EVALUATION,
        EXPORTED
    }

    /**
     * The values of one call.
     *
     * @param named the values computed so far, by name
     * @param fixed addresses of the weights and of the caller's tensors, which no step may change
     * @param device where the program computes, regardless of the device it was exported on
     * @param reordered weights in oneDNN's order
     */
    record Values(Map<String, IValue> named, Set<Long> fixed, Mode mode, Device device, ReorderedWeights reordered) {
        /** Returns the values for making constants, outside a call. */
        static Values of(Map<String, IValue> named, Device device) {
            return new Values(named, Set.of(), Mode.EVALUATION, device, ReorderedWeights.NONE);
        }
    }

    /** Runs the step; the results are attached to a scope. */
    void run(Values values, PointerScope scope) {
        try (PointerScope temporary = new PointerScope()) {
            List<IValue> given = new ArrayList<>(arguments.size());
            for (Source source : arguments) given.add(source.get(values));
            for (int position : written) requireChangeable(given.get(position), values.fixed());
            List<IValue> returned = function.call(given, values);
            for (int i = 0; i < returned.size(); i++) bind(results.get(i), returned.get(i), values.named(), scope);
        }
        for (String name : unused)
            Objects.requireNonNull(values.named().remove(name)).deallocate();
    }

    /** Throws if weights, constants or the caller's tensors would be mutated, also through a view of them. */
    private void requireChangeable(IValue argument, Set<Long> fixed) {
        if (argument.isTensor() && fixed.contains(Tensors.storageAddress(argument.toTensor())))
            throw new IllegalStateException(target + " would change a weight or an argument in place");
    }

    private void bind(Result result, IValue value, Map<String, IValue> values, PointerScope scope) {
        List<IValue> parts = new ArrayList<>();
        if (result.list()) {
            TensorVector tensors = value.toTensorVector();
            for (long i = 0; i < tensors.size(); i++) parts.add(new IValue(tensors.get(i)));
        } else if (!result.names().isEmpty()) {
            parts.add(value);
        }
        if (parts.size() != result.names().size())
            throw new IllegalStateException(target + " returned " + parts.size() + " tensors for " + result.names());
        for (int i = 0; i < parts.size(); i++) {
            scope.attach(parts.get(i));
            values.put(result.names().get(i), parts.get(i));
        }
    }
}
