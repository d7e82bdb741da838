package mnist.runtime;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch so that neither its first start nor its thread pools surprise anyone. */
public final class LibTorch {
    private LibTorch() {}

    /**
     * The two pools of threads in libtorch: OpenMP's computes everything but matrix products, OpenBLAS's the matrix
     * products. Idle threads of either wait by spinning, so the two fight for the cores, and a training step takes six
     * times as long (matrix products alone: ten). Hence one pool gets the threads, and the other has to do with one.
     */
    public enum Pool {
        /** For networks that spend their time in convolutions. */
        OPENMP,
        /** For networks that spend their time in fully connected layers. */
        OPENBLAS
    }

    /** Loads the natives for work of any kind, as {@link #load(int, Pool)} does. */
    public static void load(int threads) {
        load(threads, Pool.OPENMP);
    }

    /**
     * Loads the natives and hands out the threads; comes before every other use of {@code org.bytedeco.pytorch}.
     *
     * @param threads threads of one operation, at least 1
     */
    public static synchronized void load(int threads, Pool pool) {
        try {
            // Every library is unpacked before the first is opened: otherwise the dynamic linker, which needs
            // libtorch_cpu when libtorch opens, takes one that is installed system-wide, and the process dies.
            String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/";
            announceFirstUnpacking(folder);
            Loader.cacheResources(folder);
            Loader.load(torch.class);
        } catch (IOException | LinkageError e) {
            throw new UserError("libtorch cannot be loaded (" + firstLine(e) + ")",
                    "check that the disk has 500 MB free and delete " + System.getProperty("user.home")
                            + "/.javacpp/cache if a start was interrupted", e);
        }
        openblas_nolapack.blas_set_num_threads(pool == Pool.OPENBLAS ? threads : 1);
        torch.set_num_threads(pool == Pool.OPENMP ? threads : 1);
    }

    /** Picks the device; {@code auto} is CUDA where libtorch finds a usable GPU. */
    public static Device device(DeviceChoice choice) {
        boolean cuda = torch.cuda_is_available();
        if (choice == DeviceChoice.cuda && !cuda) {
            throw new UserError("no CUDA device can be used here: the CPU build of libtorch is on the class path, or no NVIDIA driver answers",
                    "use --device cpu");
        }
        return new Device(choice == DeviceChoice.cpu || !cuda ? "cpu" : "cuda");
    }

    /** Default number of threads: networks this small gain nothing beyond four. */
    public static int defaultThreads() {
        return Math.min(4, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Returns the line of an error's message that says what is wrong: the first, or, from the interpreter of TorchScript,
     * the one after its traceback. libtorch appends its native stack to them.
     */
    public static String firstLine(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        int interpreted = message.indexOf("\nRuntimeError: ");
        if (interpreted >= 0) message = message.substring(interpreted + "\nRuntimeError: ".length());
        return message.lines().filter(line -> !line.isBlank()).findFirst().orElse(e.getClass().getSimpleName()).strip();
    }

    private static void announceFirstUnpacking(String folder) throws IOException {
        URL library = LibTorch.class.getResource(folder + System.mapLibraryName("torch_cpu"));
        if (library == null) {
            throw new UserError("there is no libtorch for " + Loader.getPlatform() + " on the class path",
                    "run make build on this machine");
        }
        if (library.openConnection() instanceof JarURLConnection jar) {
            String name = new File(jar.getJarFileURL().getPath()).getName();
            File cache = Loader.getCacheDir();
            if (!new File(cache, name).exists()) {
                System.err.println("Unpacking libtorch into " + cache + " (first start only, about 400 MB) ...");
            }
        }
    }
}
