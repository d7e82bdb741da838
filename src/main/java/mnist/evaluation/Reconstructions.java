package mnist.evaluation;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import libtorch.Tensors;
import libtorch.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * Images with the inputs and outputs of an autoencoder; a row per image.
 *
 * @param inputs the originals, with noise or without
 */
public record Reconstructions(float[][] originals, float[][] inputs, float[][] outputs) {
    /** Number of images in figures. */
    public static final int SHOWN = 10;

    /** Seed that selects the random images in figures. */
    public static final int RANDOM_SEED = 0;

    /** Returns whether the inputs differ from the originals. */
    public boolean corrupted() {
        return !Arrays.deepEquals(originals, inputs);
    }

    /** Returns outputs minus originals. */
    public float[][] residuals() {
        float[][] residuals = new float[outputs.length][];
        for (int i = 0; i < outputs.length; i++) {
            residuals[i] = outputs[i].clone();
            for (int k = 0; k < residuals[i].length; k++) residuals[i][k] -= originals[i][k];
        }
        return residuals;
    }

    /** Calls an autoencoder with a batch whose targets are the originals. */
    public static Reconstructions of(Batch batch, UnaryOperator<Tensor> autoencoder) {
        return new Reconstructions(
                Tensors.rows(batch.targets()),
                Tensors.rows(batch.inputs()),
                Tensors.rows(autoencoder.apply(batch.inputs())));
    }
}
