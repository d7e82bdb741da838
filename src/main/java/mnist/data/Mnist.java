package mnist.data;

import libtorch.data.Dataset;

/**
 * MNIST, or a set of its shape: 28×28 images of ten classes.
 *
 * @param identity its digest is of the four raw files, one after the other: training images and labels, test images and
 *     labels
 */
public record Mnist(ImageSet train, ImageSet test, Dataset identity) {
    /** Shape of an image: channels, height and width. */
    @SuppressWarnings("MutablePublicArray") // an array, as libtorch takes shapes
    public static final long[] IMAGE = {1, 28, 28};

    /** Returns name and sizes in one line. */
    public String summary() {
        return String.format("%s: %,d training and %,d test images", identity.name(), train.size(), test.size());
    }
}
