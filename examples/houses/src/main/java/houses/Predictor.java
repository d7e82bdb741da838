package houses;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.export.LoadedModel;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Predicts heating loads with a saved model, for a service: loaded once, called from a fixed pool of threads. */
public final class Predictor implements AutoCloseable {
    private final PointerScope scope; // of the model
    private final LoadedModel model;
    private final ExecutorService pool;

    /** @param file TorchScript (.pt) or an exported program (.pt2) */
    public Predictor(Path file, int threads) {
        LibTorch.load(1);
        try (PointerScope loading = new PointerScope()) {
            model = LoadedModel.open(file, new Device("cpu"));
            scope = loading.extend(); // what was loaded lives until the second close
        }
        pool = Executors.newFixedThreadPool(
                threads,
                task -> new Thread(() -> {
                    // libtorch's own threads for calls from this one: the pool has the cores already
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
        return CompletableFuture.supplyAsync(() -> answer(house), pool);
    }

    /** Everything native that a call makes is freed at its end; only a Java number leaves it. */
    private float answer(float... house) {
        try (PointerScope call = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Tensor x = Tensors.of(house, 1, house.length);
            return model.call("forward", x).item_float();
        }
    }

    /** Predicts one house: {@code Predictor heating_load.pt2 X X X X X X X X}. */
    public static void main(String[] arguments) {
        float[] house = new float[Houses.FEATURES];
        for (int i = 0; i < house.length; i++) house[i] = Float.parseFloat(arguments[i + 1]);
        try (Predictor predictor = new Predictor(Path.of(arguments[0]), /*threads*/ 1)) {
            System.out.printf("%.2f kW%n", predictor.predict(house).join());
        }
    }

    /** Waits for the calls under way, and frees the model. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (pool.awaitTermination(1, TimeUnit.MINUTES)) scope.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the model stays, for a call may be under way
        }
    }
}
