package libtorch.data;

/** Data to train on and to test with. */
public interface Dataset {
    Identity identity();

    /** Returns name and sizes in one line. */
    String summary();

    /**
     * Identifies the data that a result was computed from.
     *
     * @param sha256 digest of the files that the data were read from
     */
    record Identity(String name, String sha256) {
        /** Returns whether it is the same data, whatever it is called. */
        public boolean isSameAs(Identity other) {
            return sha256.equals(other.sha256);
        }

        /** Computes the digest of files, one after the other. */
        public static Identity of(String name, byte[]... files) {
            return new Identity(name, Sha256.of(files));
        }
    }
}
