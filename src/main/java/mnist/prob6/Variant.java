package mnist.prob6;

/** The four autoencoders of problem 6: with and without skip connections, with clean and with noisy input. */
enum Variant {
    plain(false, false, "mnist_cae"),
    skip(true, false, "mnist-cae-skip"),
    noisy(false, true, "mnist_cae_noisy"),
    skip_noisy(true, true, "mnist-cae-skip-noisy");

    final boolean skips;
    final boolean noise;
    /** Name of the saved files, as the exercise demands it. */
    final String fileName;

    Variant(boolean skips, boolean noise, String fileName) {
        this.skips = skips;
        this.noise = noise;
        this.fileName = fileName;
    }

    ConvAutoencoder network() {
        return skips ? new SkipAutoencoder() : new ConvAutoencoder();
    }

    /** Returns the name as users type and read it. */
    @Override
    public String toString() {
        return name().replace('_', '-');
    }
}
