package libtorch;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch's native libraries, sets its numbers of threads, and chooses the device. */
public final class LibTorch {
    /** Platform suffix of the native libraries for CUDA. */
    private static final String CUDA = "-gpu";

    /** Prefixes of the file names of libtorch's libraries, in loading order. */
    private static final List<String> LIBRARIES =
            List.of("libgomp.so", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so");

    static {
        // JavaCPP would count the whole process, and throw OutOfMemoryError if tensors are larger than 4 times -Xmx
        String limit = "org.bytedeco.javacpp.maxphysicalbytes";
        if (System.getProperty(limit) == null) System.setProperty(limit, "0");
    }

    private static boolean loaded;

    private static volatile Consumer<String> notices = text -> log(System.Logger.Level.INFO, text);

    private static void log(System.Logger.Level level, String text) {
        System.getLogger(LibTorch.class.getName()).log(level, text);
    }

    private LibTorch() {}

    /**
     * Sets the listener for one-line notices, such as that libtorch is being unpacked or that no GPU can be used. By
     * default they are logged at level INFO.
     */
    public static void onNotice(Consumer<String> listener) {
        notices = listener;
    }

    /** Passes a one-line notice to the listener of {@link #onNotice}. */
    public static void notice(String text) {
        notices.accept(text);
    }

    /**
     * The two thread pools of libtorch: OpenBLAS's computes matrix products, OpenMP's everything else. Idle threads of
     * both spin, so two full pools compete for the cores, and a training step takes six times as long (matrix products
     * alone: ten). Hence one pool gets the threads, and the other a single thread.
     */
    public enum Pool {
        /** For networks that spend their time in convolutions. */
        OPENMP,
        /** For networks that spend their time in fully connected layers. */
        OPENBLAS
    }

    /** Loads the native libraries with the default number of threads, unless {@link #load} was called before. */
    public static synchronized void ensureLoaded() {
        if (loaded) return;
        long start = System.nanoTime();
        load(defaultThreads());
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        log(System.Logger.Level.DEBUG, "libtorch was loaded on first use, in " + milliseconds + " ms");
    }

    /** Loads the native libraries for work of any kind, as {@link #load(int, Pool)} does. */
    public static void load(int threads) {
        load(threads, Pool.OPENMP);
    }

    /**
     * Loads the native libraries and sets the numbers of threads; to be called before {@code org.bytedeco.pytorch} is
     * used.
     *
     * @param threads threads of one operation, at least 1
     */
    public static synchronized void load(int threads, Pool pool) {
        try {
            // Every library is unpacked before the first is opened: otherwise the dynamic linker, which needs
            // libtorch_cpu when libtorch opens, takes one that is installed system-wide, and the process crashes.
            String folder = folder();
            announceFirstUnpacking(folder);
            File[] unpacked = Loader.cacheResources(folder);
            openByPath(unpacked[0]);
        } catch (IOException | LinkageError e) {
            throw new LibTorchException(
                    "libtorch cannot be loaded (" + firstLine(e) + ")",
                    "see that " + cacheFolder()
                            + " can be written, may hold programs and has 500 MB free, delete it if a"
                            + " start was interrupted, or name another folder with -Dorg.bytedeco.javacpp.cachedir=DIR",
                    e);
        }
        setThreads(threads, pool);
        keepFreedMemory();
        loaded = true;
    }

    /**
     * Opens libtorch's libraries by their full paths. The dynamic linker would search LD_LIBRARY_PATH first, and
     * JavaCPP would search it for those that this build lacks; it may contain another libtorch, such as a Python's.
     * Libraries that are open already are not searched for.
     */
    private static void openByPath(File folder) {
        Loader.load(openblas.class);
        String searched = System.getProperty("java.library.path");
        System.setProperty("java.library.path", "");
        try {
            for (String library : LIBRARIES) {
                File file = new File(folder, library);
                if (file.exists()) System.load(file.getAbsolutePath());
            }
            Loader.load(torch.class);
        } finally {
            System.setProperty("java.library.path", searched);
        }
    }

    private static String cacheFolder() {
        try {
            return Loader.getCacheDir().getPath();
        } catch (IOException cannotBeMade) {
            return "the cache folder (" + cannotBeMade.getMessage() + ")";
        }
    }

    /**
     * Sets the numbers of threads: OpenMP's for the calling thread, and for those that compute for the first time
     * later; OpenBLAS's for all.
     */
    public static void setThreads(int threads, Pool pool) {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        if (threads > 1 && pool == Pool.OPENMP) requireThreads(threads, System.getenv());
        try (PointerScope scope = new PointerScope()) { // the binding looks the function up anew for each call
            openblas_nolapack.blas_set_num_threads(pool == Pool.OPENBLAS ? threads : 1);
        }
        torch.set_num_threads(pool == Pool.OPENMP ? threads : 1);
    }

    /**
     * Checks for settings of OpenMP under which libtorch would wait forever for threads that are never started.
     *
     * @throws LibTorchException if the environment has one
     */
    static void requireThreads(int threads, Map<String, String> environment) {
        String limit = environment.getOrDefault("OMP_THREAD_LIMIT", "");
        boolean tooFew = limit.matches("\\d{1,9}") && Integer.parseInt(limit) < threads;
        if (!tooFew && !environment.getOrDefault("OMP_DYNAMIC", "").equalsIgnoreCase("true")) return;
        throw new LibTorchException(
                (tooFew ? "OMP_THREAD_LIMIT is " + limit : "OMP_DYNAMIC is true") + ", and " + threads
                        + " threads would wait for ever",
                "unset it, or use one thread");
    }

    /**
     * Makes glibc keep the memory that a step frees for the next step: returning it to the system and faulting it in
     * again takes up to a fifth of a step. glibc raises its thresholds to the size (and twice the size) of the largest
     * block that it has unmapped, at most 32 MiB; so one of nearly that size is allocated and freed.
     */
    private static void keepFreedMemory() {
        long bytes = (32 << 20) - (64 << 10);
        try (PointerScope scope = new PointerScope()) {
            torch.empty(new long[] {bytes}, new TensorOptions(torch.ScalarType.Byte), new MemoryFormatOptional());
        }
    }

    /** Picks the device; {@code auto} is CUDA if libtorch finds a usable GPU. */
    public static Device device(DeviceChoice choice) {
        return device(choice, 0, 1, false);
    }

    /**
     * Picks the device of one of several processes on this machine.
     *
     * @param number of the process, counted from 0
     * @param count how many processes there are on this machine
     * @param launched whether a launcher started them
     * @throws DeviceException if CUDA was asked for and cannot be used, or if there are too few GPUs
     */
    public static Device device(DeviceChoice choice, int number, int count, boolean launched) {
        DeviceChoice device = choose(choice, Context.hasCUDART(), torch.cuda_is_available());
        if (device == DeviceChoice.cpu || count == 1) return new Device(device.name());
        return new Device(device.name() + ":" + gpu(number, count, launched, torch.cuda_device_count()));
    }

    /**
     * Checks that a device can be used.
     *
     * @throws DeviceException if it is a GPU and none can be used, or none has its index
     */
    public static void requireUsable(Device device) {
        if (!device.is_cuda()) return;
        device(DeviceChoice.cuda);
        requireGpu(device.index(), torch.cuda_device_count());
    }

    /** Throws if no GPU has an index; -1 is the current one. */
    static void requireGpu(int index, int gpus) {
        if (index < gpus) return;
        throw new DeviceException(
                "there is no GPU cuda:" + index + ": libtorch finds " + gpus + ", from cuda:0",
                "use one of them, or compute on the CPU");
    }

    /** Returns the kind of a device: cpu or cuda. */
    public static String kind(Device device) {
        return device.is_cuda() ? "cuda" : "cpu";
    }

    /**
     * Returns the index of the visible GPU that a process uses: its own number, or 0 if a launcher, such as Slurm with
     * --gpus-per-task=1, makes one GPU visible to each process.
     *
     * @throws DeviceException if there are fewer GPUs than processes
     */
    static int gpu(int number, int count, boolean launched, int gpus) {
        if (launched && gpus == 1) return 0;
        if (count <= gpus) return number;
        throw new DeviceException(
                "there are more ranks on this machine, " + count + ", than GPUs, " + gpus,
                "start fewer ranks, or compute on the CPU");
    }

    /**
     * Decides between CPU and CUDA.
     *
     * @param built whether this libtorch was built for CUDA
     * @param usable whether there are a driver and a GPU that can be used
     * @throws DeviceException if CUDA was asked for and cannot be used
     */
    static DeviceChoice choose(DeviceChoice choice, boolean built, boolean usable) {
        if (choice == DeviceChoice.cuda && !built)
            throw new DeviceException(
                    "this libtorch was built for the CPU only", "use the natives for CUDA, or compute on the CPU");
        if (choice == DeviceChoice.cuda && !usable)
            throw new DeviceException("no GPU can be used: " + noGpu(), "correct that, or compute on the CPU");
        if (choice == DeviceChoice.auto && built && !usable) notices.accept(noGpu() + ": computing on the CPU.");
        return choice != DeviceChoice.cpu && usable ? DeviceChoice.cuda : DeviceChoice.cpu;
    }

    private static String noGpu() {
        return new CudaSetup().gpuProblem().orElse("libtorch finds no GPU (is it hidden by CUDA_VISIBLE_DEVICES?)");
    }

    /** Returns the default number of threads for one network on this machine. */
    public static int defaultThreads() {
        return defaultThreads(Runtime.getRuntime().availableProcessors(), 1);
    }

    /** Returns the default number of threads of each of several networks that share cores: at most four. */
    public static int defaultThreads(int cores, int networks) {
        return Math.max(1, Math.min(4, cores / networks));
    }

    /**
     * Returns the first line of an error's message, without the native stack trace that libtorch appends; of an error
     * in TorchScript, the line after the tracebacks, without the name of the exception.
     */
    public static String firstLine(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.replaceFirst("(?s)^The following operation failed.*?\n[\\w.]+: ", "")
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse(e.getClass().getSimpleName())
                .strip();
    }

    /** Returns whether libtorch threw an exception, which the binding rethrows as a RuntimeException. */
    public static boolean isNative(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return e.getClass() == RuntimeException.class && trace.length > 0 && trace[0].isNativeMethod();
    }

    /** Returns the folder of the native libraries on the class path, for the CPU or for CUDA. */
    private static String folder() {
        String extension = Loader.loadProperties().getProperty("platform.extension", "");
        for (String candidate : extension.isEmpty() ? List.of("", CUDA) : List.of(extension)) {
            String folder = "/org/bytedeco/pytorch/" + Loader.getPlatform() + candidate + "/";
            if (LibTorch.class.getResource(folder + System.mapLibraryName("torch_cpu")) == null) continue;
            if (candidate.equals(CUDA)) loadCuda();
            return folder;
        }
        throw new MissingNativesException(
                "there is no libtorch for " + Loader.getPlatform() + extension + " on the class path",
                "add the natives of org.bytedeco:pytorch for this platform, as pytorch-platform does");
    }

    /**
     * Loads NVIDIA's libraries, of which none may be missing: the linker would then search for another libtorch, and
     * might crash on one that is installed system-wide.
     */
    private static void loadCuda() {
        CudaSetup cuda = new CudaSetup();
        if (!cuda.missing().isEmpty())
            throw new MissingNativesException(
                    "libtorch for CUDA needs " + cuda.missingNames() + ", which this machine does not have",
                    "install CUDA 13, cuDNN 9 and NCCL 2, or use the natives for the CPU");
        cuda.load();
    }

    private static void announceFirstUnpacking(String folder) throws IOException {
        URL library = LibTorch.class.getResource(folder + System.mapLibraryName("torch_cpu"));
        if (library.getPath().split("!/", -1).length > 2)
            throw new LibTorchException(
                    "libtorch cannot be loaded from " + library.getPath().replaceFirst("^file:", ""),
                    "Java reads no jar in a folder whose name ends in !: rename it");
        if (library.openConnection() instanceof JarURLConnection jar) {
            String name = new File(jar.getJarFileURL().getPath()).getName();
            File cache = Loader.getCacheDir();
            if (!new File(cache, name).exists()) {
                String size = folder.contains(CUDA) ? "1.5 GB" : "400 MB";
                notices.accept("Unpacking libtorch into " + cache + " (first start only, about " + size + ") ...");
            }
        }
    }
}
