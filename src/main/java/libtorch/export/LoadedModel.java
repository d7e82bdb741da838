package libtorch.export;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A model loaded from a file of one format, which {@link Model} calls; it lives in the scope that it was loaded in. */
interface LoadedModel {
    /** Returns the file's description of the model. */
    ModelDescription description();

    /**
     * Calls a method; the results are in the open scope, and require gradients if these are enabled.
     *
     * @param arguments one for each input, in their order
     * @throws IllegalArgumentException if there is no such method, or the arguments' types or sizes do not fit
     * @throws IllegalStateException if an operator rejects its arguments
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
     * Sets whether the model runs in the mode that it was exported in, as in Python, or in eval mode.
     *
     * @throws IllegalStateException if the mode is compiled into it
     */
    default void answerAsExported(boolean asExported) {}

    /** Frees what the scope does not. */
    default void dispose() {}
}
