package mnist.prob6;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The four autoencoders of problem 6: with and without skip connections, with clean and with noisy input. */
public enum Variant {
    PLAIN(false, false, "mnist_cae"),
    SKIP(true, false, "mnist-cae-skip"),
    NOISY(false, true, "mnist_cae_noisy"),
    SKIP_NOISY(true, true, "mnist-cae-skip-noisy");

    final boolean skips;
    final boolean noise;

    /** Name of the saved files, as the exercise demands it. */
    public final String model;

    Variant(boolean skips, boolean noise, String model) {
        this.skips = skips;
        this.noise = noise;
        this.model = model;
    }

    /** Returns the name as users type and read it, as "skip-noisy". */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The value of an option: some variants, none of them twice. */
    record Selection(List<Variant> variants) {
        /** Reads names with commas between them. */
        static Selection parse(String names) {
            return new Selection(Stream.of(names.split(","))
                    .map(Selection::variant)
                    .distinct()
                    .toList());
        }

        static final class Converter implements ITypeConverter<Selection> {
            @Override
            public Selection convert(String names) {
                return parse(names);
            }
        }

        private static Variant variant(String name) {
            for (Variant variant : values()) if (variant.toString().equals(name)) return variant;
            throw new TypeConversionException(
                    "expected one of " + Arrays.toString(values()) + " but was '" + name + "'");
        }
    }
}
