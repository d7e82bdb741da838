package libtorch.export;

import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.LibTorch;
import org.bytedeco.pytorch.Tensor;

/** What {@link Model} calls: a file of one kind, in the scope that it was loaded in. */
interface LoadedModel {
    /** Returns what kind of file it is, in words. */
    String kind();

    /** Returns the names of the methods; that of the network itself is "forward". */
    Set<String> methodNames();

    default boolean has(String method) {
        return methodNames().contains(method);
    }

    /** Returns the inputs of a method; none where the file does not say. */
    List<ModelInput> inputs(String method);

    /** Returns the names of a method's results. */
    List<String> outputs(String method);

    /** Returns the types of a method's results, in words; none where the file does not say. */
    default List<String> outputTypes(String method) {
        return List.of();
    }

    /** Returns how often a method calls each operator; nothing where the file does not say. */
    default Map<String, Integer> operators(String method) {
        return Map.of();
    }

    /** Returns how many numbers its weights are; −1 where the file does not say. */
    default long weights() {
        return -1;
    }

    /** Returns the pool whose threads it uses most where it is called without gradients. */
    default LibTorch.Pool callPool() {
        return LibTorch.Pool.OPENMP;
    }

    /**
     * Calls a method; several results come as a list.
     *
     * @throws RuntimeException where the file does not have the method, or libtorch refuses the arguments
     */
    List<Tensor> call(String method, List<Tensor> arguments);

    /** Calls a method of one argument and one result. */
    default Tensor call(String method, Tensor argument) {
        return call(method, List.of(argument)).get(0);
    }

    /** Returns the run record inside the file, or an empty text. */
    default String record() {
        return "";
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
