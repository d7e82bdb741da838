package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A network in training, once with each seed of the session.
 *
 * @param <R> what is kept of a trained network
 */
public final class Training<R> {
    private final Map<Long, CompletableFuture<Optional<R>>> results =
            new LinkedHashMap<>(); // in the order of the seeds
    private final Map<Long, RunRecord.Replicate> replicates = new LinkedHashMap<>();

    private final String title;
    private double seconds;

    Training(String title, List<Long> seeds) {
        this.title = title;
        seeds.forEach(seed -> results.put(seed, new CompletableFuture<>()));
    }

    public String title() {
        return title;
    }

    /** Returns the time that training and measuring took, the sum of all seeds. */
    public synchronized double seconds() {
        return seconds;
    }

    synchronized void took(double seconds) {
        this.seconds += seconds;
    }

    CompletableFuture<Optional<R>> future(long seed) {
        return Objects.requireNonNull(results.get(seed));
    }

    /**
     * Waits until the network is trained with a seed.
     *
     * @return what was kept of it; empty in other ranks than 0
     * @throws RuntimeException what went wrong with it
     */
    public Optional<R> result(long seed) {
        return TrainingQueue.join(future(seed));
    }

    /** Waits for all, and returns what was kept of those that were trained, in the order of the seeds. */
    public List<R> results() {
        List<R> done = new ArrayList<>();
        results.keySet().forEach(seed -> resultIfTrained(seed).ifPresent(done::add));
        return done;
    }

    private Optional<R> resultIfTrained(long seed) {
        try {
            return result(seed);
        } catch (RuntimeException e) {
            return Optional.empty(); // the session throws it when it is closed
        }
    }

    synchronized void add(RunRecord.Replicate replicate) {
        replicates.put(replicate.seed(), replicate);
    }

    /** Waits for the other seeds than the first, and returns what the first one's record is to tell of them. */
    List<RunRecord.Replicate> replicates() {
        List<RunRecord.Replicate> trained = new ArrayList<>();
        results.keySet().stream().skip(1).forEach(seed -> {
            resultIfTrained(seed);
            synchronized (this) {
                if (replicates.containsKey(seed)) trained.add(replicates.get(seed));
            }
        });
        return trained;
    }
}
