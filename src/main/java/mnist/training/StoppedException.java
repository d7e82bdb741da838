package mnist.training;

/** Ends a run that was asked to stop, after its state was saved. */
public final class StoppedException extends RuntimeException {
    private final int exitStatus;

    StoppedException(RunState state, int exitStatus) {
        super(String.format("stopped after %s of epoch %d; the same command with --resume goes on from there",
                state.inEpoch() ? "step " + state.steps() : "the end", state.epochs().size() + (state.inEpoch() ? 1 : 0)));
        this.exitStatus = exitStatus;
    }

    /** Returns 128 and the number of the signal, as shells expect it: 130 for Ctrl-C, 143 for SIGTERM. */
    public int exitStatus() {
        return exitStatus;
    }
}
