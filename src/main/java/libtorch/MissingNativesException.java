package libtorch;

/** Thrown if libtorch's native libraries, or those that its CUDA build needs, are missing. */
public final class MissingNativesException extends LibTorchException {
    MissingNativesException(String what, String remedy) {
        super(what, remedy);
    }
}
