package libtorch.training;

/** Ends training that was asked to stop. */
public final class StoppedException extends RuntimeException {
    private final String where;
    private final int exitStatus;

    StoppedException(TrainingState state, int exitStatus) {
        this("after " + state, exitStatus);
    }

    /** @param where training was stopped, as "after epoch 2" */
    public StoppedException(String where, int exitStatus) {
        super("stopped " + where + "; the same command with --resume goes on from there");
        this.where = where;
        this.exitStatus = exitStatus;
    }

    /** Returns where training was stopped, as "after epoch 2". */
    public String where() {
        return where;
    }

    /** Returns 128 and the number of the signal, as shells expect it: 130 for Ctrl-C, 143 for SIGTERM. */
    public int exitStatus() {
        return exitStatus;
    }
}
