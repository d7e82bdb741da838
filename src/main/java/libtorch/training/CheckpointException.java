package libtorch.training;

import libtorch.LibTorchException;
import org.jspecify.annotations.Nullable;

/** Thrown where a checkpoint cannot be resumed from. */
public final class CheckpointException extends LibTorchException {
    private final boolean damaged;

    private CheckpointException(String what, String remedy, boolean damaged, @Nullable Throwable cause) {
        super(what, remedy, cause);
        this.damaged = damaged;
    }

    static CheckpointException damaged(String what, @Nullable Throwable cause) {
        return new CheckpointException(what, "delete it to start anew", true, cause);
    }

    static CheckpointException ofAnotherRun(String what) {
        return new CheckpointException(what, "repeat that run's settings, or start anew", false, null);
    }

    /** Returns whether its content cannot be read, rather than being of a run with other settings. */
    public boolean isDamaged() {
        return damaged;
    }
}
