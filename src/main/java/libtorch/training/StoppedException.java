package libtorch.training;

/** Thrown if a listener stops training. */
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

    /** Returns the reason that the listener returned: see {@link TrainingListener#stop()}. */
    public int reason() {
        return reason;
    }
}
