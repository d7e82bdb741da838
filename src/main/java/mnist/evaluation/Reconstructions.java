package mnist.evaluation;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import libtorch.Tensors;
import libtorch.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * Some images, as they are, as an autoencoder was given them, and as it returned them; a row per image.
 *
 * @param inputs the originals, or the originals with noise
 */
public record Reconstructions(float[][] originals, float[][] inputs, float[][] outputs) {
    /** How many images figures show. */
    public static final int SHOWN = 10;

    /** Draws the images that figures show as random ones. */
    public static final int RANDOM_SEED = 0;

    /** Returns whether the inputs are other than the originals. */
    public boolean corrupted() {
        return !Arrays.deepEquals(originals, inputs);
    }

    /** Returns what the outputs have more than the originals. */
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
