package libtorch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import libtorch.LibTorchException;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * A model that was loaded with its methods from a file, in eval mode: what a program needs that only runs networks.
 *
 * <p>It lives in the {@link org.bytedeco.javacpp.PointerScope} it was loaded in, and its results in the one that is
 * open when it is called. Open a scope for each call, so that results are freed, and take Java values out of it:
 *
 * <pre>{@code
 * LibTorch.load(4);
 * try (PointerScope service = new PointerScope()) {
 *     LoadedModel model = LoadedModel.open(Path.of("saved/mnist_cnn.pt2"), new Device("cpu"));
 *     ...
 *     try (PointerScope call = new PointerScope()) {
 *         float[] logProbabilities = Tensors.floats(model.call("forward", images)); // N×1×28×28
 *     }
 * }
 * }</pre>
 *
 * <p>Any number of threads may call it at the same time. Calls change neither the weights nor the arguments of an
 * exported program; of TorchScript that holds where its code does not.
 */
public interface LoadedModel {
    /**
     * Opens a file by the end of its name: .pt2 is an exported program, anything else TorchScript. TorchScript is code,
     * so open only files that you trust.
     *
     * @throws LibTorchException where it is not such a file
     */
    static LoadedModel open(Path file, Device device) {
        return file.toString().endsWith(ExportedProgram.SUFFIX)
                ? ExportedProgram.load(file, device)
                : TorchScript.load(file, device);
    }

    /** Returns the names of the methods; that of the network itself is "forward". */
    Set<String> methods();

    default boolean has(String method) {
        return methods().contains(method);
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
}
