package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import libtorch.LibTorchException;
import libtorch.training.DivergedException;
import libtorch.training.StoppedException;
import mnist.system.UserError;

/** A queue of networks to train, several at the same time, and the errors of their training. */
final class TrainingQueue {
    private static final String NOT_BEGUN = "before it began";

    private final StopSignal signal;
    private final boolean names;
    private final List<Added<?>> networks = new ArrayList<>();
    private final List<RuntimeException> errors = new ArrayList<>();
    private volatile boolean ended; // after an error no network is started

    /** @param names whether errors name their network if there are several */
    TrainingQueue(StopSignal signal, boolean names) {
        this.signal = signal;
        this.names = names;
    }

    /** A network to train with one seed. */
    private record Added<R>(String name, CompletableFuture<Optional<R>> result, Supplier<Optional<R>> training) {}

    <R> void add(String name, CompletableFuture<Optional<R>> result, Supplier<Optional<R>> training) {
        networks.add(new Added<>(name, result, training));
    }

    int size() {
        return networks.size();
    }

    int widestName() {
        return networks.stream()
                .mapToInt(network -> network.name.length())
                .max()
                .orElse(1);
    }

    /**
     * Trains all networks, a number of them at the same time, and keeps their errors.
     *
     * @throws StoppedException if a signal stopped it
     */
    void run(int jobs) {
        ExecutorService threads = Executors.newFixedThreadPool(jobs, body -> {
            Thread thread = new Thread(body, "training");
            thread.setDaemon(true); // does not keep the JVM alive
            return thread;
        });
        networks.forEach(network -> threads.execute(() -> run(network)));
        threads.shutdown();
        Map<String, StoppedException> stopped = new LinkedHashMap<>();
        Error fatal = null; // thrown after all threads have ended, because the session then frees what they use
        for (Added<?> network : networks) {
            Throwable e = network.result.handle((result, error) -> error).join();
            if (e instanceof Error error) fatal = error;
            if (e instanceof StoppedException stop) stopped.put(network.name, stop);
            else if (e instanceof RuntimeException error) failed(network.name, error);
        }
        if (fatal != null) throw fatal;
        if (stopped.isEmpty()) return;
        errors.clear(); // they occur again when the run is resumed
        if (networks.size() == 1) throw stopped.values().iterator().next();
        throw joined(stopped);
    }

    private <R> void run(Added<R> network) {
        try {
            if (!ended && signal.stop() != 0) throw new StoppedException(NOT_BEGUN, signal.stop());
            network.result.complete(ended ? Optional.empty() : network.training.get());
        } catch (Throwable e) { // reported to the threads that wait for the result
            if (!(e instanceof DivergedException || e instanceof StoppedException)) ended = true;
            network.result.completeExceptionally(e);
        }
    }

    /** Waits for a result, and throws its error unwrapped. */
    static <T> T join(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            if (e.getCause() instanceof Error cause) throw cause;
            throw e;
        }
    }

    private StoppedException joined(Map<String, StoppedException> stopped) {
        List<String> where = new ArrayList<>();
        stopped.forEach((name, stop) -> {
            if (!stop.where().equals(NOT_BEGUN)) where.add(name + " " + stop.where());
        });
        int left = stopped.size() - where.size();
        if (left > 0) where.add(left == 1 ? "one network " + NOT_BEGUN : left + " networks " + NOT_BEGUN);
        return new StoppedException(String.join(", ", where), signal.stop());
    }

    private synchronized void failed(String name, RuntimeException error) {
        boolean known = errors.stream().anyMatch(e -> e == error || e.getCause() == error); // of what this waited for
        if (known) return;
        errors.add(
                error instanceof LibTorchException e && names && networks.size() > 1
                        ? new UserError(
                                name + ": " + e.what(), UserError.advised(e).remedy(), e)
                        : error);
    }

    /** Keeps an error in writing a file. */
    synchronized void failed(LibTorchException error) {
        errors.add(error);
    }

    /** @throws RuntimeException all errors joined, if there were any */
    void throwErrors() {
        for (RuntimeException error : errors) if (!(error instanceof LibTorchException)) throw error;
        if (errors.size() == 1) throw errors.get(0);
        if (!errors.isEmpty())
            throw UserError.join(
                    errors.stream().map(LibTorchException.class::cast).toList());
    }
}
