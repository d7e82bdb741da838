package libtorch.training;

import libtorch.LibTorchException;
import org.jspecify.annotations.Nullable;

/** Thrown if training cannot be resumed from a checkpoint. */
public final class CheckpointException extends LibTorchException {
    private final boolean damaged;

    private CheckpointException(String what, String remedy, boolean damaged, @Nullable Throwable cause) {
        super(what, remedy, cause);
        this.damaged = damaged;
    }

    static CheckpointException damaged(String file, String how, @Nullable Throwable cause) {
        return new CheckpointException(
                file + " cannot be resumed from (" + how + ")", "delete it to start anew", true, cause);
    }

    static CheckpointException ofAnotherRun(String file, String difference) {
        return new CheckpointException(
                file + " is of a run with " + difference, "repeat that run's settings, or start anew", false, null);
    }

    /** Returns whether the checkpoint cannot be read, rather than being of a run with other settings. */
    public boolean isDamaged() {
        return damaged;
    }
}
