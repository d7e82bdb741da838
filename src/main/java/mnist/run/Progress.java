package mnist.run;

import libtorch.training.EpochMetrics;
import libtorch.training.TrainingListener;
import me.tongfei.progressbar.ProgressBar;
import mnist.system.Terminal;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Shows how a network is trained: a bar on a terminal while an epoch runs, a line when it is done. */
final class Progress implements TrainingListener, AutoCloseable {
    private final String name;
    private final int epochs;
    private @Nullable ProgressBar bar; // null between epochs

    /** @param name of the network, padded to the width of the others' */
    Progress(String name, int epochs) {
        this.name = name;
        this.epochs = epochs;
    }

    /** Prints something about the network. */
    void say(String text) {
        Terminal.println(name + "  " + text);
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

    /** Clears a bar that is shown. */
    @Override
    public void close() {
        if (bar != null) bar.close();
        bar = null;
    }
}
