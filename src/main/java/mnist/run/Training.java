package mnist.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The trainings of a network, one with each seed of the session.
 *
 * @param <R> type of a trained network's results
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

    /** Returns the time of training and measuring, summed over all seeds. */
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
     * @return its results; empty in other ranks than 0
     * @throws RuntimeException the error of this training
     */
    public Optional<R> result(long seed) {
        return TrainingQueue.join(future(seed));
    }

    /** Waits for all seeds, and returns the results of the successful ones in the order of the seeds. */
    public List<R> results() {
        List<R> done = new ArrayList<>();
        results.keySet().forEach(seed -> resultIfTrained(seed).ifPresent(done::add));
        return done;
    }

    private Optional<R> resultIfTrained(long seed) {
        try {
            return result(seed);
        } catch (RuntimeException e) {
            return Optional.empty(); // Session.close throws it
        }
    }

    synchronized void add(RunRecord.Replicate replicate) {
        replicates.put(replicate.seed(), replicate);
    }

    /** Waits for the other seeds than the first, and returns their results for the first one's record. */
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
