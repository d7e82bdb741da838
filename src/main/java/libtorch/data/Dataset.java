package libtorch.data;

/**
 * Identifies the data that a result was computed from.
 *
 * @param sha256 digest of the files that the data were read from
 */
public record Dataset(String name, String sha256) {
    /** Describes a data set by the digest of its files, concatenated. */
    public static Dataset of(String name, byte[]... files) {
        return new Dataset(name, Sha256.of(files));
    }

    /** Returns whether it is the same data, regardless of its name. */
    public boolean isSameAs(Dataset other) {
        return sha256.equals(other.sha256);
    }
}
