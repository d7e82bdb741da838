package mnist.play;

/**
 * Makes of a drawing what MNIST made of its: the ink, its aspect ratio kept, fills a box of 20×20 pixels in one
 * direction, and its centre of mass comes to the middle of 28×28.
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
     * @throws RequestException where there is no ink
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
        float[][] ink = new float[h][w];
        for (int y = 0; y < h; y++) System.arraycopy(pixels, (top + y) * width + left, ink[y], 0, w);
        double scale = (double) BOX / Math.max(w, h);
        int columns = (int) Math.max(1, Math.round(w * scale)), rows = (int) Math.max(1, Math.round(h * scale));
        return place(transposed(resized(transposed(resized(ink, rows)), columns)));
    }

    /** Averages rows over the area that each new row covers. */
    private static float[][] resized(float[][] image, int rows) {
        double height = (double) image.length / rows; // of a new row, in old ones
        float[][] result = new float[rows][image[0].length];
        for (int row = 0; row < rows; row++) {
            double from = row * height, to = from + height;
            for (int y = (int) from; y < Math.min(image.length, Math.ceil(to)); y++) {
                double share = (Math.min(y + 1, to) - Math.max(y, from)) / height;
                for (int x = 0; x < image[y].length; x++) result[row][x] += (float) (share * image[y][x]);
            }
        }
        return result;
    }

    private static float[][] transposed(float[][] image) {
        float[][] result = new float[image[0].length][image.length];
        for (int y = 0; y < image.length; y++) for (int x = 0; x < image[y].length; x++) result[x][y] = image[y][x];
        return result;
    }

    /** Moves the centre of mass to pixel 14 of 0 to 27, where MNIST has it, by whole pixels and without a loss. */
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
