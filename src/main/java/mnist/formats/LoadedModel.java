package mnist.formats;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that was loaded with its methods from a file, in eval mode; it lives in the scope it was loaded in. */
public interface LoadedModel {
    boolean has(String method);

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
