package libtorch.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import libtorch.Tensors;
import libtorch.export.Step.Mode;
import libtorch.export.Step.Values;
import libtorch.nn.AtenOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * One exported program, ready to be called.
 *
 * @param state parameters, buffers and constants, by their placeholders in the graph
 * @param buffers placeholders of the buffers, which training may change
 * @param mutable placeholders that a step may mutate in place: each call gets copies, except of buffers in training
 * @param mutates whether any step mutates a value in place
 * @param method its inputs and outputs
 * @param mutated placeholders of the buffers whose new values the graph returns after its results
 * @param workload its multiplications, by thread pool
 */
record ExportedGraph(
        Body body,
        Map<String, IValue> state,
        Set<String> buffers,
        Set<String> mutable,
        boolean mutates,
        ModelMethod method,
        List<String> mutated,
        Workload workload) {
    private static final AtenOperator COPY = AtenOperator.named("clone");

    /**
     * Calls the program; the results are in the open scope or, without one, live until they are closed.
     *
     * @param mode in training, buffers are updated, and dropout is on
     * @param reordered weights in oneDNN's order
     * @throws IllegalArgumentException if the arguments' types or sizes do not fit the inputs
     * @throws IllegalStateException if an operator rejects its arguments
     */
    List<Tensor> call(List<Tensor> arguments, Mode mode, Device device, ReorderedWeights reordered) {
        boolean training = mode == Mode.TRAINING;
        ModelInput.requireFitting(method.inputs(), arguments);
        PointerScope caller = PointerScope.getInnerScope();
        try (PointerScope scope = new PointerScope()) {
            List<IValue> results = body.run(values(arguments, mode, device, reordered));
            List<Tensor> tensors = new ArrayList<>();
            for (int i = 0; i < method.outputs().size(); i++) {
                // a handle of its own, for toTensor returns a reference into the value
                Tensor tensor = new Tensor(results.get(i).toTensor());
                if (caller != null) caller.attach(tensor);
                else tensor.retainReference();
                tensors.add(tensor);
            }
            for (int i = 0; training && i < mutated.size(); i++) {
                try (NoGradGuard noGrad = new NoGradGuard()) {
                    Tensor buffer =
                            Objects.requireNonNull(state.get(mutated.get(i))).toTensor();
                    buffer.variable_data() // autograd does not see the change: it has saved what it needs
                            .copy_(results.get(method.outputs().size() + i).toTensor());
                }
            }
            return tensors;
        }
    }

    private Values values(List<Tensor> arguments, Mode mode, Device device, ReorderedWeights reordered) {
        boolean training = mode == Mode.TRAINING;
        Map<String, IValue> named = new HashMap<>(state);
        for (int i = 0; i < arguments.size(); i++) {
            ModelInput input = method.inputs().get(i);
            named.put(input.name(), input.value(arguments.get(i)));
        }
        Set<String> copied = new HashSet<>(mutable);
        if (training) copied.removeAll(buffers);
        Set<Long> fixed = mutates ? addresses(named, training) : Set.of();
        for (String name : copied) {
            named.computeIfPresent(
                    name,
                    (n, value) -> value.isTensor()
                            ? COPY.call(List.of(value, new IValue())).get(0)
                            : value);
        }
        return new Values(named, fixed, mode, device, reordered);
    }

    private Set<Long> addresses(Map<String, IValue> values, boolean training) {
        Set<Long> addresses = new HashSet<>();
        values.forEach((name, value) -> {
            if (value.isTensor() && !(training && buffers.contains(name)))
                addresses.add(Tensors.storageAddress(value.toTensor()));
        });
        addresses.remove(0L);
        return addresses;
    }
}
