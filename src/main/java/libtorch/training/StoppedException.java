package libtorch.training;

/** Ends training that a listener asked to stop. */
public final class StoppedException extends RuntimeException {
    private final String where;
    private final int reason;

    /** @param where training was stopped, as "after epoch 2" */
    public StoppedException(String where, int reason) {
        super(where);
        this.where = where;
        this.reason = reason;
    }

    /** Returns where training was stopped, as "after epoch 2". */
    public String where() {
        return where;
    }

    /** Returns the listener's number for why it stopped: see {@link TrainingListener#stop()}. */
    public int reason() {
        return reason;
    }
}
