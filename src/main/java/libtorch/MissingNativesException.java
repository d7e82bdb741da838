package libtorch;

/** Thrown where libtorch's native libraries, or those that its CUDA build needs, are not there. */
public final class MissingNativesException extends LibTorchException {
    MissingNativesException(String what, String remedy) {
        super(what, remedy);
    }
}
