package libtorch.export;

import java.util.Map;
import libtorch.LibTorch;

/**
 * What a model's file says of it.
 *
 * @param kind what kind of file it is, in words
 * @param methods by name
 * @param weights how many numbers its weights are; −1 where the file does not say
 * @param pool which of libtorch's two pools of threads computes most of a call without gradients: hand that one the
 *     threads, with {@link LibTorch#setThreads}
 * @param record the run record inside the file, or an empty text
 */
public record ModelDescription(
        String kind, Map<String, ModelMethod> methods, long weights, LibTorch.Pool pool, String record) {
    /** Returns a method; one that is not there is an IllegalArgumentException. */
    public ModelMethod method(String name) {
        ModelMethod method = methods.get(name);
        if (method == null)
            throw new IllegalArgumentException("there is no method " + name + " but " + methods.keySet());
        return method;
    }
}
