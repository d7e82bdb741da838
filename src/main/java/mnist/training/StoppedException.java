package mnist.training;

/** Ends training that was asked to stop. */
public final class StoppedException extends RuntimeException {
    private final int exitStatus;

    StoppedException(TrainingState state, int exitStatus) {
        super("stopped after " + state + "; the same command with --resume goes on from there");
        this.exitStatus = exitStatus;
    }

    /** Returns 128 and the number of the signal, as shells expect it: 130 for Ctrl-C, 143 for SIGTERM. */
    public int exitStatus() {
        return exitStatus;
    }
}
