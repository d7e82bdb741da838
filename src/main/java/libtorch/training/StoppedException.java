package libtorch.training;

/** Ends training that a listener asked to stop. */
public final class StoppedException extends RuntimeException {
    private final int reason;

    /** @param where training was stopped, as "after epoch 2" */
    public StoppedException(String where, int reason) {
        super(where);
        this.reason = reason;
    }

    /** Returns where training was stopped, as "after epoch 2". */
    public String where() {
        return getMessage();
    }

    /** Returns the listener's number for why it stopped: see {@link TrainingListener#stop()}. */
    public int reason() {
        return reason;
    }
}
