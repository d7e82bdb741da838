package libtorch.export;

import org.bytedeco.pytorch.Device;

/** Where a program computes, whatever device it was exported on. */
final class ProgramDevice {
    private String name;

    ProgramDevice(Device device) {
        name = device.str().getString();
    }

    /** Returns the device; in the open scope. */
    Device get() {
        return new Device(name);
    }

    void set(Device device) {
        name = device.str().getString();
    }
}
