package libtorch;

/** Thrown if the chosen device cannot be used, or if there are fewer GPUs than its index or the processes need. */
public final class DeviceException extends LibTorchException {
    DeviceException(String what, String remedy) {
        super(what, remedy);
    }
}
