package mnist.run;

import me.tongfei.progressbar.ProgressBar;
import mnist.runtime.Terminal;
import mnist.training.EpochMetrics;
import mnist.training.TrainingListener;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Shows training on the terminal: a bar while an epoch runs, a line when it is done. */
public final class Progress implements TrainingListener, AutoCloseable {
    private final int epochs;
    private @Nullable ProgressBar bar; // null between epochs

    public Progress(int epochs) {
        this.epochs = epochs;
    }

    @Override
    public void epochStarted(int epoch, int batches, int done) {
        bar = Terminal.bar(String.format("epoch %d/%d", epoch, epochs), batches, "batches");
        bar.stepTo(done);
    }

    @Override
    public void batchDone(Tensor loss) {
        if (bar != null) bar.step();
    }

    @Override
    public void epochDone(EpochMetrics m, double[] stepLosses) {
        close();
        System.out.printf(
                "  epoch %2d/%d   train loss %.5f   test loss %.5f   %.1f s%n",
                m.epoch(), epochs, m.trainLoss(), m.testLoss(), m.seconds());
    }

    /** Clears a bar that is shown. */
    @Override
    public void close() {
        if (bar != null) bar.close();
        bar = null;
    }
}
