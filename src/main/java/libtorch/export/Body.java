package libtorch.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.export.ArgumentReader.Source;
import libtorch.export.Step.Mode;
import libtorch.export.Step.Result;
import libtorch.export.Step.Values;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;

/**
 * A graph: steps, each of which computes values from earlier ones.
 *
 * @param inputs names of its inputs
 */
record Body(List<String> inputs, List<Step> steps, List<Source> outputs) {
    Body {
        Set<String> needed = new HashSet<>(inputs);
        for (Source output : outputs) needed.addAll(output.names());
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            for (Source source : step.arguments()) unused(step, source.names(), needed);
            for (Result result : step.results()) unused(step, result.names(), needed);
        }
    }

    private static void unused(Step step, List<String> names, Set<String> needed) {
        for (String name : names) if (needed.add(name)) step.unused().add(name);
    }

    /**
     * Computes the outputs, which are in the open scope.
     *
     * @param values the inputs, by name; changed
     */
    List<IValue> run(Values values) {
        PointerScope caller = PointerScope.getInnerScope();
        boolean training = values.mode() == Mode.TRAINING;
        try (PointerScope scope = new PointerScope()) {
            for (Step step : steps) if (training || !step.training()) step.run(values, scope);
            List<IValue> results = new ArrayList<>(outputs.size());
            for (Source output : outputs) {
                IValue result = new IValue(output.get(values));
                caller.attach(result);
                results.add(result);
            }
            return results;
        }
    }

    /** Calls this graph as a subgraph, from a step of another one. */
    List<IValue> call(List<IValue> arguments, Values outer) {
        Map<String, IValue> named = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) named.put(inputs.get(i), arguments.get(i));
        return run(new Values(named, outer.fixed(), outer.mode(), outer.device(), outer.reordered()));
    }
}
