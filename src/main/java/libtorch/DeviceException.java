package libtorch;

/** Thrown where the chosen device cannot be used, or there are fewer GPUs than its number or the processes need. */
public final class DeviceException extends LibTorchException {
    DeviceException(String what, String remedy) {
        super(what, remedy);
    }
}
