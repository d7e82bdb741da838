package libtorch.export;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** What {@link Model} calls: a file of one kind, in the scope that it was loaded in. */
interface LoadedModel {
    /** Returns what the file says of the model. */
    ModelDescription description();

    /**
     * Calls a method; the results are in the open scope, and have gradients where those are on.
     *
     * @param arguments one for each input, in their order
     * @throws IllegalArgumentException where there is no such method, or the arguments are of other types or sizes
     * @throws IllegalStateException where libtorch refuses what the method computes
     */
    List<Tensor> call(String method, List<Tensor> arguments);

    /** Calls a method of one argument, and returns its first result. */
    default Tensor call(String method, Tensor argument) {
        return call(method, List.of(argument)).get(0);
    }

    /** Calls a method with arguments and results by name. */
    default Map<String, Tensor> call(String method, Map<String, Tensor> arguments) {
        return callNamed(method, description().method(method).inOrder(arguments));
    }

    /** Calls a method with arguments in their order, and returns its results by name. */
    default Map<String, Tensor> callNamed(String method, List<Tensor> arguments) {
        return ModelMethod.named(description().method(method).outputs(), call(method, arguments));
    }

    /**
     * Says whether what was exported in train mode answers in that mode, as it does in Python, or in eval mode.
     *
     * @throws IllegalStateException where the mode is compiled into it
     */
    default void answerAsExported(boolean asExported) {}

    /** Frees what the scope does not. */
    default void dispose() {}
}
