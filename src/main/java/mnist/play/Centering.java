package mnist.play;

import libtorch.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * Scales and centres a drawing as MNIST does: the ink is scaled to a box of 20×20 pixels, keeping its aspect ratio, and
 * its centre of mass is moved to the centre of 28×28.
 *
 * @see <a href="https://yann.lecun.org/exdb/mnist/">MNIST's own description</a>
 */
final class Centering {
    static final int SIDE = 28;
    private static final int BOX = 20;

    private Centering() {}

    /**
     * Centres a drawing.
     *
     * @param pixels row-major, 0 is paper and 1 is ink
     * @return 28×28 pixels
     * @throws RequestException if there is no ink
     */
    static float[] image(float[] pixels, int width) {
        int left = width, right = -1, top = -1, bottom = -1;
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i] == 0) continue;
            left = Math.min(left, i % width);
            right = Math.max(right, i % width);
            if (top < 0) top = i / width;
            bottom = i / width;
        }
        if (top < 0) throw new RequestException(400, "pixels has no ink");
        int w = right - left + 1, h = bottom - top + 1;
        Tensor ink = Tensors.of(pixels, pixels.length / width, width)
                .narrow(0, top, h)
                .narrow(1, left, w);
        double scale = (double) BOX / Math.max(w, h);
        int columns = (int) Math.max(1, Math.round(w * scale)), rows = (int) Math.max(1, Math.round(h * scale));
        return place(Tensors.rows(
                shares(rows, h).matmul(ink).matmul(shares(columns, w).t())));
    }

    /** Returns the weights that resample a row of old pixels to new ones by area: new×old. */
    private static Tensor shares(int made, int old) {
        double side = (double) old / made; // of a new pixel, in old ones
        float[] shares = new float[made * old];
        for (int i = 0; i < made; i++) {
            for (int j = 0; j < old; j++) {
                double covered = Math.min(j + 1, (i + 1) * side) - Math.max(j, i * side);
                shares[i * old + j] = (float) (Math.max(0, covered) / side);
            }
        }
        return Tensors.of(shares, made, old);
    }

    /** Moves the centre of mass to pixel 14 of 0 to 27, as in MNIST, by whole pixels. */
    private static float[] place(float[][] box) {
        double mass = 0, massX = 0, massY = 0;
        for (int y = 0; y < box.length; y++) {
            for (int x = 0; x < box[y].length; x++) {
                mass += box[y][x];
                massX += box[y][x] * x;
                massY += box[y][x] * y;
            }
        }
        int left = offset(massX / mass, box[0].length), top = offset(massY / mass, box.length);
        float[] image = new float[SIDE * SIDE];
        for (int y = 0; y < box.length; y++)
            for (int x = 0; x < box[y].length; x++)
                image[(top + y) * SIDE + left + x] = Math.min(1, box[y][x]); // sums of shares may round above 1
        return image;
    }

    private static int offset(double centre, int length) {
        return (int) Math.max(0, Math.min(SIDE - length, Math.round(SIDE / 2 - centre)));
    }
}
