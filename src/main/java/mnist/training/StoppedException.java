package mnist.training;

/** Ends a run that was asked to stop, after its state was saved. */
public final class StoppedException extends RuntimeException {
    private final int exitStatus;

    StoppedException(RunState state, int exitStatus) {
        super("stopped after " + state + "; the same command with --resume goes on from there");
        this.exitStatus = exitStatus;
    }

    /** Returns 128 and the number of the signal, as shells expect it: 130 for Ctrl-C, 143 for SIGTERM. */
    public int exitStatus() {
        return exitStatus;
    }
}
