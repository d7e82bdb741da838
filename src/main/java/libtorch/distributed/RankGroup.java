package libtorch.distributed;

import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import libtorch.LibTorchException;
import libtorch.TemporaryFiles;
import libtorch.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.BackendOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroup;
import org.bytedeco.pytorch.ProcessGroup.BackendType;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.ReduceOp;
import org.bytedeco.pytorch.ReduceOp.RedOpType;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.jspecify.annotations.Nullable;

/**
 * The process group of a run. The processes find each other through a TCPStore, or a FileStore if rank 0 starts the
 * others on its machine, so that no port is open to a network; they communicate through Gloo on CPUs and NCCL on GPUs.
 * The store's keys, default_pg/0/cpu/…, are those of Python's {@code init_process_group("cpu:gloo,cuda:nccl")}, so that
 * Python processes can join (grading/join.py).
 *
 * <p>Native objects live in the scope that is open when a group is made. If an exchange fails, it throws a
 * {@link LostRankException}, as do all that follow.
 */
public final class RankGroup implements AutoCloseable {
    private static final String ARRIVED = "ranks arrived"; // key of the store
    private static final String FILE = "file://"; // before a FileStore's path, as in Python's init_method
    private static final Duration LEADER_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Rank rank;
    private final @Nullable RankProcesses started; // null if a launcher starts them
    private final ProcessGroup processes;
    private final @Nullable Path folder; // of the store, if it is a file
    private final Store store;
    private final Optional<ProcessHandle> parent = ProcessHandle.current().parent();
    private int trainings;

    /**
     * Waits until all processes have joined; without a launcher, rank 0 starts the others.
     *
     * @param timeout longest time to wait for another process, now and in every exchange
     * @param arguments of the command line, for the processes to start
     * @throws LibTorchException if a process does not join in time
     */
    public RankGroup(Rank rank, Device device, Duration timeout, List<String> arguments) {
        this.rank = rank;
        RankProcesses others = null;
        Path folder = null;
        try {
            Milliseconds wait = new Milliseconds(timeout.toMillis());
            Store root;
            int port = rank.port();
            if (port == 0) { // all ranks on this machine, which need no port
                folder = TemporaryFiles.createFolder("ranks");
                Path file = folder.resolve("store");
                root = new FileStore(file.toString(), rank.count());
                others = new RankProcesses(rank, FILE + file, arguments);
                others.awaitArrival(() -> root.add(ARRIVED, 0), timeout);
            } else if (rank.host().startsWith(FILE)) {
                Path file = Path.of(rank.host().substring(FILE.length()));
                folder = file.getParent();
                root = new FileStore(file.toString(), rank.count());
                root.add(ARRIVED, 1);
            } else {
                root = tcpStore(rank, wait);
            }

            // The binding's constructors make stores whose references libtorch does not count. Each may be passed on
            // once, and must be freed after its user; so they are made before the groups: a scope frees in reverse.
            store = rank.attempt() == 0 ? root : new PrefixStore("attempt " + rank.attempt(), root);
            PrefixStore cpuStore = new PrefixStore("cpu/", new PrefixStore("0/", new PrefixStore("default_pg", store)));
            Store cudaStore =
                    device.is_cuda() ? new PrefixStore("cuda/", cpuStore.getUnderlyingStore()) : null; // counted
            processes = new ProcessGroup(rank.number(), rank.count());
            ProcessGroupGloo.Options gloo = ProcessGroupGloo.Options.create(wait);
            String host = rank.host().startsWith(FILE) ? "127.0.0.1" : rank.host();
            gloo.devices(new GlooDeviceVector(network(host, Math.max(1, rank.port()))));
            add(DeviceType.CPU, BackendType.GLOO, new ProcessGroupGloo(cpuStore, rank.number(), rank.count(), gloo));
            if (device.is_cuda()) {
                ProcessGroupNCCL.Options nccl = ProcessGroupNCCL.Options.create();
                nccl.timeout(wait);
                add(
                        DeviceType.CUDA,
                        BackendType.NCCL,
                        new ProcessGroupNCCL(cudaStore, rank.number(), rank.count(), nccl));
            }
            processes.setDefaultBackend(device.is_cuda() ? BackendType.NCCL : BackendType.GLOO);
        } catch (RuntimeException e) {
            close(others, folder);
            throw e instanceof LibTorchException
                    ? e
                    : new LibTorchException(
                            joinFailure(e, timeout),
                            "see the errors of the other ranks, and whether they can reach " + rank.host()
                                    + " (the network interface can be named in GLOO_SOCKET_IFNAME)",
                            e);
        }
        started = others;
        this.folder = folder;
    }

    private static TCPStore tcpStore(Rank rank, Milliseconds wait) {
        TCPStoreOptions options = new TCPStoreOptions();
        options.port((short) rank.port())
                .isServer(rank.keepsStore())
                .numWorkers(new SizeTPointer(1).put(rank.count()))
                .waitWorkers(false)
                .timeout(wait);
        TCPStore store = new TCPStore(rank.host(), options);
        if (!rank.leads()) store.add(ARRIVED, 1);
        store.waitForWorkers();
        return store;
    }

    private void add(DeviceType device, BackendType type, Backend backend) {
        processes.setBackend(device, type, new BackendOptional(backend));
    }

    /** Finds the network that rank 0 is on: this machine's name may resolve to another one, or to loopback. */
    private static org.bytedeco.pytorch.gloo.Device network(String host, int port) {
        String name = System.getenv("GLOO_SOCKET_IFNAME");
        if (name != null) return ProcessGroupGloo.createDeviceForInterface(name);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(host, port)); // which sends nothing
            InetAddress own = socket.getLocalAddress();
            // A machine's own name may resolve to a loopback address, as on Debian, which the others cannot reach.
            if (own.isLoopbackAddress() && !host.matches("localhost|127\\..*|::1"))
                own = outwardAddress().orElse(own);
            return ProcessGroupGloo.createDeviceForHostname(own.getHostAddress());
        } catch (SocketException e) {
            throw new LibTorchException(
                    "there is no route to " + host + " (" + e.getMessage() + ")", "check MASTER_ADDR", e);
        }
    }

    private static Optional<InetAddress> outwardAddress() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address
                        && !address.isLoopbackAddress()
                        && !address.isLinkLocalAddress())
                .findFirst();
    }

    private String joinFailure(RuntimeException e, Duration timeout) {
        Matcher joined = Pattern.compile("(\\d+)/(\\d+) clients joined").matcher(String.valueOf(e.getMessage()));
        if (joined.find())
            return "only " + joined.group(1) + " of " + joined.group(2) + " ranks joined within " + timeout.toSeconds()
                    + " s";
        return "the " + rank.count() + " ranks did not all find each other (" + LostRankException.reason(e) + ")";
    }

    public Rank rank() {
        return rank;
    }

    /**
     * Waits until rank 0, which evaluates, saves and draws between two trainings, calls this too: for ten minutes,
     * regardless of the timeout of exchanges; fails if rank 0 ends.
     */
    public void awaitLeader() {
        String key = "training " + trainings++;
        exchange(() -> {
            if (rank.leads()) store.set(key, "");
            else if (rank.host().startsWith(FILE)) awaitInFile(key);
            else store._wait(new StringVector(key), new Milliseconds(LEADER_TIMEOUT.toMillis()));
        });
    }

    /** Waits for a key of the FileStore, which unlike a TCPStore does not end with rank 0. */
    private void awaitInFile(String key) {
        long end = System.nanoTime() + LEADER_TIMEOUT.toNanos();
        try (PointerScope scope = new PointerScope()) {
            StringVector keys = new StringVector(key);
            while (!store.check(keys)) {
                if (!leaderIsAlive()) throw new IllegalStateException("rank 0 has ended");
                if (System.nanoTime() > end) throw new IllegalStateException("rank 0 did not come in time");
                LockSupport.parkNanos(POLL.toNanos());
            }
        }
    }

    /** Broadcasts bytes from rank 0; those of the others are ignored. */
    public byte[] broadcast(byte[] bytes) {
        try (PointerScope scope = new PointerScope()) {
            return Tensors.bytes(broadcast(Tensors.of(bytes, bytes.length)));
        }
    }

    /** Broadcasts a tensor of bytes from rank 0, into the open scope; those of the others are ignored. */
    public Tensor broadcast(Tensor bytes) {
        Tensor length = Tensors.of(new long[] {bytes.numel()});
        exchange(() -> processes.broadcast(new TensorVector(length))._wait());
        Tensor content = rank.leads() ? bytes : bytes.new_empty(length.item_long());
        if (content.numel() > 0)
            exchange(() -> processes.broadcast(new TensorVector(content))._wait());
        return content;
    }

    /** Starts an all-reduce, which sums the tensors of all ranks in place. */
    Work allReduceSumAsync(Tensor tensor) {
        try {
            return processes.allreduce(new TensorVector(tensor));
        } catch (RuntimeException e) {
            throw new LostRankException(e);
        }
    }

    double allReduceSum(double value) {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = Tensors.of(new double[] {value});
            exchange(allReduceSumAsync(tensor)::_wait);
            return tensor.item_double();
        }
    }

    int allReduceMax(int value) {
        try (PointerScope scope = new PointerScope()) {
            Tensor tensor = Tensors.of(new long[] {value}).to(ScalarType.Int); // as in grading/join.py
            AllreduceOptions options = new AllreduceOptions().reduceOp(new ReduceOp(RedOpType.MAX));
            exchange(
                    () -> processes.allreduce(new TensorVector(tensor), options)._wait());
            return tensor.item_int();
        }
    }

    /** Runs an operation that waits for other ranks; throws a {@link LostRankException} if it fails. */
    void exchange(Runnable exchange) {
        try {
            exchange.run();
        } catch (RuntimeException e) {
            throw new LostRankException(e);
        }
    }

    ProcessGroup processes() {
        return processes;
    }

    /**
     * Ends the processes that were started here; to be called after the scope of the native objects is closed, which
     * the others notice.
     */
    @Override
    public void close() {
        close(started, folder);
    }

    private void close(@Nullable RankProcesses others, @Nullable Path folder) {
        if (others != null) others.close();
        // a killed rank 0 has left its folder
        if (folder != null && (rank.leads() || !leaderIsAlive())) TemporaryFiles.delete(folder);
    }

    /** Returns whether the process that started this one is alive. */
    private boolean leaderIsAlive() {
        return parent.map(ProcessHandle::isAlive).orElse(false);
    }
}
