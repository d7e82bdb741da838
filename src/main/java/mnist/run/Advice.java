package mnist.run;

import libtorch.LibTorchException;
import libtorch.distributed.LostRankException;
import libtorch.training.CheckpointException;
import libtorch.training.DivergedException;
import mnist.system.UserError;

/** What to do about an error of the library, in terms of the command line. */
final class Advice {
    private Advice() {}

    /** Returns the error with advice that names options, where there is such. */
    static LibTorchException on(LibTorchException e) {
        if (e instanceof DivergedException) return UserError.of(e, "try a smaller --lr");
        if (e instanceof CheckpointException checkpoint)
            return UserError.of(
                    e,
                    checkpoint.isDamaged()
                            ? "delete it, or leave out --resume, to start anew"
                            : "repeat its options, or leave out --resume to start anew");
        if (e instanceof LostRankException lost && !lost.where().isEmpty())
            return UserError.of(e, "the same command with --resume goes on from there, with any number of ranks");
        return e;
    }
}
