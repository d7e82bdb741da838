package libtorch.export;

import java.util.Map;
import libtorch.LibTorch;

/**
 * The description of a model in its file.
 *
 * @param kind the format of the file, in words
 * @param methods by name
 * @param weights number of elements of its parameters and buffers; −1 if the file does not say
 * @param pool the thread pool that computes most of a call without gradients, for {@link LibTorch#setThreads}
 * @param record the run record in the file, or an empty string
 */
public record ModelDescription(
        String kind, Map<String, ModelMethod> methods, long weights, LibTorch.Pool pool, String record) {
    /** Returns a method; throws an IllegalArgumentException if there is none of the name. */
    public ModelMethod method(String name) {
        ModelMethod method = methods.get(name);
        if (method == null)
            throw new IllegalArgumentException("there is no method " + name + " but " + methods.keySet());
        return method;
    }
}
