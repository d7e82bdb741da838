package mnist.system;

import libtorch.DeviceChoice;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.MissingNativesException;
import libtorch.distributed.Rank;
import org.bytedeco.pytorch.Device;

/** Loads libtorch and chooses the device for a command: as the library does, with advice for the command line. */
public final class Natives {
    private Natives() {}

    /**
     * Loads libtorch.
     *
     * @param threads of one operation
     */
    public static void load(int threads) {
        load(threads, LibTorch.Pool.OPENMP);
    }

    /** Loads libtorch and hands out the threads of one operation. */
    public static void load(int threads, LibTorch.Pool pool) {
        try {
            LibTorch.load(threads, pool);
        } catch (MissingNativesException e) {
            throw UserError.of(e, "run make build on this machine; for a GPU, make cuda and make build GPU=1");
        }
    }

    /** Chooses the device of this process. */
    public static Device device(DeviceChoice choice) {
        return device(choice, Rank.first(1));
    }

    /** Chooses the device of one of several processes. */
    public static Device device(DeviceChoice choice, Rank rank) {
        try {
            return LibTorch.device(choice, rank.local(), rank.localCount(), rank.launched());
        } catch (LibTorchException e) {
            throw UserError.of(e, "use --device cpu, or see what make doctor says of this machine");
        }
    }
}
