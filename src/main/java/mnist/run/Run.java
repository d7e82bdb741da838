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

/** The training of a task in a session, and its results; valid until the session has measured and saved them. */
public final class Run<N extends Network> {
    private final Session session;
    private final Training<?> training;
    private final String title;
    private final Trainer<N> trainer;
    private final boolean isFirst;
    private List<EpochMetrics> epochs = List.of(); // completed epochs
    private float @Nullable [][] embedding; // computed once
    private double @Nullable [] errors;

    /** @param title name of the network in progress lines and figures */
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

    /** Returns the completed epochs. */
    public List<EpochMetrics> epochs() {
        return epochs;
    }

    public Task<N> task() {
        return trainer.task();
    }

    /** Returns whether this is the run with the first seed, whose model is saved and drawn. */
    public boolean isFirst() {
        return isFirst;
    }

    public N network() {
        return trainer.network();
    }

    /** Returns the training loss of the last epoch and the test loss after it. */
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

    /** Returns the first test examples with the network's outputs; for networks from images to images. */
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
     * Returns the network's outputs for three groups of test examples: the first ones, random ones that are the same
     * for all networks, and those with the largest errors.
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
     * Saves the network in every format, and the run record, after waiting for the other seeds. Of other seeds than the
     * first only epochs and metrics are saved, in the first one's record.
     *
     * @param problem the command that trained it, such as "prob6"
     * @param metrics for the record; of a type of the problem
     */
    public RunRecord save(String problem, Object metrics) {
        return session.save(this, problem, metrics);
    }
}
