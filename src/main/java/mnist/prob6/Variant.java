package mnist.prob6;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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

    /** Reads a name as users type it. */
    static final class Converter implements ITypeConverter<Variant> {
        @Override
        public Variant convert(String name) {
            for (Variant variant : values()) if (variant.toString().equals(name)) return variant;
            throw new TypeConversionException(
                    "expected one of " + Arrays.toString(values()) + " but was '" + name + "'");
        }
    }
}
