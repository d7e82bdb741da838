package mnist.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import libtorch.Tensors;
import libtorch.data.Generators;
import libtorch.nn.Network;
import libtorch.training.EpochMetrics;
import libtorch.training.Evaluation;
import libtorch.training.Task;
import libtorch.training.Trainer;
import mnist.evaluation.Encoder;
import mnist.evaluation.ImageErrors;
import mnist.evaluation.Reconstructions;
import mnist.figures.Figure;
import mnist.figures.ImageGrid;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A task in a session, during training and after it. It lives while the session trains the task. */
public final class Run<N extends Network> {
    private final Session session;
    private final Training<?> training;
    private final String title;
    private final Trainer<N> trainer;
    private final boolean isFirst;
    private List<EpochMetrics> epochs = List.of(); // those that are done
    private float @Nullable [][] embedding; // computed once
    private double @Nullable [] errors;

    /** @param title what progress and figures call the network */
    Run(Session session, Training<?> training, String title, Trainer<N> trainer, boolean isFirst) {
        this.session = session;
        this.training = training;
        this.title = title;
        this.trainer = trainer;
        this.isFirst = isFirst;
    }

    void done(List<EpochMetrics> epochs) {
        this.epochs = epochs;
    }

    String title() {
        return title;
    }

    Trainer<N> trainer() {
        return trainer;
    }

    Training<?> training() {
        return training;
    }

    /** Returns the epochs that are done. */
    public List<EpochMetrics> epochs() {
        return epochs;
    }

    public Task<N> task() {
        return trainer.task();
    }

    /** Returns whether this is the first seed, whose model is saved and drawn. */
    public boolean isFirst() {
        return isFirst;
    }

    public N network() {
        return trainer.network();
    }

    /** Returns the losses of the last epoch, and of the test set after it. */
    public EpochMetrics lastEpoch() {
        return epochs.get(epochs.size() - 1);
    }

    /** Returns the mean loss over the test set after the last epoch. */
    public double testLoss() {
        return lastEpoch().testLoss();
    }

    /** Returns the evaluation of the network on the test set. */
    public Evaluation evaluation() {
        return trainer.evaluation();
    }

    /** Returns the embedding of the test set, a row an image; for networks that have one. */
    public float[][] embedding() {
        if (embedding == null) {
            Encoder encoder = (Encoder) network();
            embedding = evaluation().rows(batch -> encoder.encode(batch.inputs()));
        }
        return embedding;
    }

    /** Returns the mean squared error per pixel of each test image; for networks from images to images. */
    public double[] errors() {
        if (errors == null) {
            float[][] rows = evaluation()
                    .rows(batch -> ImageErrors.each(network().forward(batch.inputs()), batch.targets())
                            .unsqueeze(1));
            errors = Arrays.stream(rows).mapToDouble(row -> row[0]).toArray();
        }
        return errors;
    }

    /** Returns the first test examples and what the network computes of them; for networks from images to images. */
    public Reconstructions reconstructions() {
        return reconstructions(LongStream.range(
                        0, Math.min(Reconstructions.SHOWN, task().test().size()))
                .toArray());
    }

    private Reconstructions reconstructions(long[] images) {
        Evaluation evaluation = evaluation();
        return evaluation.run(() -> Reconstructions.of(evaluation.batchOf(images), network()::forward));
    }

    /**
     * Returns the first test examples, random ones, which are the same for all networks, and those with the largest
     * errors, with what the network computes of them.
     *
     * @param labels the test examples' classes
     */
    public List<ImageGrid.Group> reconstructions(long[] labels, ImageErrors errors) {
        int shown = Math.min(Reconstructions.SHOWN, labels.length);
        long[] random;
        try (PointerScope scope = new PointerScope()) {
            Generators generators = Generators.seeded(Reconstructions.RANDOM_SEED, new Device("cpu"));
            random = Arrays.copyOf(Tensors.longs(generators.permutation(labels.length)), shown);
        }
        return List.of(
                group("first", LongStream.range(0, shown).toArray(), labels),
                group("random", random, labels),
                group("largest error", errors.worst(), labels));
    }

    private ImageGrid.Group group(String name, long[] images, long[] labels) {
        long[] classes = LongStream.of(images).map(image -> labels[(int) image]).toArray();
        return new ImageGrid.Group(name, classes, reconstructions(images));
    }

    /**
     * Draws the reconstructions, for the window.
     *
     * @param labels the test examples' classes
     */
    public Figure pictures(Tensor labels) {
        return ImageGrid.reconstructions(title, Tensors.longs(labels), reconstructions());
    }

    /**
     * Saves the network in every format, and the record of the run, which waits for the other seeds. Of those, nothing
     * but epochs and metrics is saved, in the first one's record.
     *
     * @param problem the command that trained it, as "prob6"
     * @param metrics what was measured, for the record; a record of the problem's own
     */
    public RunRecord save(String problem, Object metrics) {
        return session.save(this, problem, metrics);
    }
}
