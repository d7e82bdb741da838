package libtorch.export;

import org.bytedeco.pytorch.Device;

/** Where a program computes, whatever device it was exported on. */
final class ProgramDevice {
    private Device device;

    ProgramDevice(Device device) {
        this.device = device;
    }

    Device get() {
        return device;
    }

    void set(Device device) {
        this.device = device;
    }
}
