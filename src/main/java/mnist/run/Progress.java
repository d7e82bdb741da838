package mnist.run;

import libtorch.training.EpochMetrics;
import libtorch.training.TrainingListener;
import libtorch.training.TrainingState;
import me.tongfei.progressbar.ProgressBar;
import mnist.system.Terminal;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Shows training progress: a bar on a terminal during an epoch, a line after it. */
final class Progress implements TrainingListener, AutoCloseable {
    private final String name;
    private final int epochs;
    private @Nullable ProgressBar bar; // null between epochs

    /** @param name of the network, padded to the width of the longest name */
    Progress(String name, int epochs) {
        this.name = name;
        this.epochs = epochs;
    }

    private void say(String text) {
        Terminal.println(name + "  " + text);
    }

    /** Prints the position from which a run resumes. */
    void resumed(TrainingState from) {
        say(
                from.equals(TrainingState.START)
                        ? "nothing to resume: starting at the beginning"
                        : "resuming after " + from);
    }

    @Override
    public void epochStarted(int epoch, int batches, int done) {
        bar = Terminal.bar(String.format("%s  epoch %2d/%d", name, epoch, epochs), batches, "batches");
        bar.stepTo(done);
    }

    @Override
    public void batchDone(Tensor loss) {
        if (bar != null) bar.step();
    }

    @Override
    public void epochDone(EpochMetrics m, double[] stepLosses) {
        close();
        say(String.format(
                "epoch %2d/%d  train loss %.5f  test loss %.5f  %.1f s",
                m.epoch(), epochs, m.trainLoss(), m.testLoss(), m.seconds()));
    }

    /** Removes the bar, if one is shown. */
    @Override
    public void close() {
        if (bar != null) bar.close();
        bar = null;
    }
}
