package mnist.run;

import java.util.function.Supplier;
import libtorch.training.EpochMetrics;
import libtorch.training.Task;
import libtorch.training.TrainingListener;
import mnist.figures.Figure;
import mnist.figures.LiveWindow;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Shows the losses so far and the network's current outputs in a window during training. */
final class LiveView implements TrainingListener {
    private static final long PAUSE = 400_000_000; // nanoseconds between two updates, which interrupt training

    private final LiveWindow window;
    private final String name;
    private final int epochs;
    private final Supplier<Figure> pictures;
    private int epoch;
    private int batches;
    private int done;
    private long nextUpdate = System.nanoTime();

    /** @param pictures draws the network's outputs for some examples */
    LiveView(LiveWindow window, Task<?> task, Supplier<Figure> pictures) {
        this.window = window;
        name = task.model();
        epochs = task.epochs();
        this.pictures = pictures;
    }

    @Override
    public void epochStarted(int epoch, int batches, int done) {
        this.epoch = epoch;
        this.batches = batches;
        this.done = done;
    }

    @Override
    public void batchDone(Tensor loss) {
        done++;
        if (System.nanoTime() < nextUpdate) return;
        window.add(name, false, epoch - 1 + (double) done / batches, loss.item_double());
        update();
        nextUpdate = System.nanoTime() + PAUSE;
    }

    @Override
    public void epochDone(EpochMetrics metrics, double[] stepLosses) {
        window.add(name, true, metrics.epoch(), metrics.testLoss());
        update();
    }

    private void update() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            window.show(
                    pictures.get(),
                    String.format("%s: epoch %d/%d, %.0f %%", name, epoch, epochs, 100.0 * done / batches));
        }
    }
}
