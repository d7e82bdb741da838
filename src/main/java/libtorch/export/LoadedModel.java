package libtorch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/** What a file of some kind offers: {@link Model} is its public face. It lives in the scope that it was loaded in. */
public interface LoadedModel {
    /**
     * Opens TorchScript or an exported program in eval mode; in the open scope, in which it lives.
     *
     * @throws LibTorchException where it is no such file
     */
    static LoadedModel open(Path file, Device device) {
        return ModelFile.kind(file) == ModelFile.Kind.EXPORTED
                ? ExportedProgram.load(file, device)
                : ModelFile.load(file, device, false);
    }

    /** Returns the names of the methods; that of the network itself is "forward". */
    Set<String> methods();

    default boolean has(String method) {
        return methods().contains(method);
    }

    /** Returns the inputs of a method; none where the file does not say. */
    default List<ModelInput> inputs(String method) {
        return List.of();
    }

    /** Returns the names of a method's results; none where the file does not say. */
    default List<String> outputs(String method) {
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

    /** Returns the pool whose threads it uses most. */
    default LibTorch.Pool pool() {
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
    String record();

    /** Frees what the scope does not. */
    default void close() {}
}
