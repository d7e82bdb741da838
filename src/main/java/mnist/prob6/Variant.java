package mnist.prob6;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
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

    /** Name of the saved files, as specified by the exercise. */
    public final String model;

    Variant(boolean skips, boolean noise, String model) {
        this.skips = skips;
        this.noise = noise;
        this.model = model;
    }

    /** Returns the variant of a saved model. */
    public static Variant of(String model) {
        return Stream.of(values())
                .filter(variant -> variant.model.equals(model))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the name on the command line, such as "skip-noisy". */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The value of an option: a set of variants. */
    record Selection(Set<Variant> variants) implements ITypeConverter<Selection> {
        /** Selects all variants. Picocli calls this to create the converter. */
        Selection() {
            this(EnumSet.allOf(Variant.class));
        }

        /** Parses names separated by commas. */
        @Override
        public Selection convert(String names) {
            Set<Variant> variants = new LinkedHashSet<>();
            for (String name : names.split(",")) {
                variants.add(Stream.of(values())
                        .filter(variant -> variant.toString().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new TypeConversionException(
                                "expected one of " + Arrays.toString(values()) + " but was '" + name + "'")));
            }
            return new Selection(variants);
        }
    }
}
