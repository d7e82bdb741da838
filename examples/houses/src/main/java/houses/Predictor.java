package houses;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import libtorch.LibTorch;
import libtorch.export.Model;
import org.bytedeco.pytorch.global.torch;

/** Predicts heating loads with a saved model, for a service: loaded once, called from a fixed pool of threads. */
public final class Predictor implements AutoCloseable {
    private final Model model;
    private final ExecutorService pool;

    /** @param file TorchScript (.pt) or an exported program (.pt2) */
    public Predictor(Path file, int threads) {
        LibTorch.load(1);
        model = Model.open(file);
        pool = Executors.newFixedThreadPool(
                threads,
                task -> new Thread(() -> {
                    // for calls from this thread: the pool uses all cores already
                    torch.set_num_threads(1);
                    task.run();
                }));
    }

    /**
     * Predicts a house's heating load in kW.
     *
     * @param house the eight features of the CSV, in its order and units
     */
    public CompletableFuture<Float> predict(float... house) {
        if (house.length != Houses.FEATURES) {
            throw new IllegalArgumentException("a house has 8 features, not " + house.length);
        }
        return CompletableFuture.supplyAsync(() -> model.call(house, 1, Houses.FEATURES)[0], pool);
    }

    /** Predicts one house: {@code Predictor heating_load.pt2 X X X X X X X X}. */
    public static void main(String[] arguments) {
        float[] house = new float[Houses.FEATURES];
        for (int i = 0; i < house.length; i++) house[i] = Float.parseFloat(arguments[i + 1]);
        try (Predictor predictor = new Predictor(Path.of(arguments[0]), /*threads*/ 1)) {
            System.out.printf("%.2f kW%n", predictor.predict(house).join());
        }
    }

    /** Waits at most a minute for calls in progress, and frees the model. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            pool.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        model.close(); // frees it after calls in progress
    }
}
