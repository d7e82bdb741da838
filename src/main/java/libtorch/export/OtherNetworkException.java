package libtorch.export;

import java.nio.file.Path;
import libtorch.LibTorchException;

/** Thrown if weights are of another network than the one that they are loaded into. */
public final class OtherNetworkException extends LibTorchException {
    OtherNetworkException(Path file, String why) {
        super(file + " does not fit the network: " + why, "load weights that were saved from such a network");
    }
}
