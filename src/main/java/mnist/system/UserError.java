package mnist.system;

import java.util.List;
import java.util.stream.Collectors;
import libtorch.DeviceException;
import libtorch.LibTorchException;
import libtorch.MissingNativesException;
import libtorch.distributed.LostRankException;
import libtorch.training.CheckpointException;
import libtorch.training.DivergedException;
import org.jspecify.annotations.Nullable;

/** An error that the user of a command can correct: its message says in one line what is wrong and what to do. */
public class UserError extends LibTorchException {
    public UserError(String what, String remedy) {
        this(what, remedy, null);
    }

    public UserError(String what, String remedy, @Nullable Throwable cause) {
        super(what, remedy, cause);
    }

    /** Returns an error of the library with another remedy. */
    public static UserError of(LibTorchException e, String remedy) {
        return new UserError(e.what(), remedy, e);
    }

    /** Returns the error with a remedy that names command-line options, if there is one. */
    public static LibTorchException advised(LibTorchException e) {
        if (e instanceof MissingNativesException)
            return of(e, "run make build on this machine; for a GPU, make cuda and make build GPU=1");
        if (e instanceof DeviceException)
            return of(e, "use --device cpu, or see what make doctor says of this machine");
        if (e instanceof DivergedException) return of(e, "try a smaller --lr");
        if (e instanceof CheckpointException checkpoint)
            return of(
                    e,
                    checkpoint.isDamaged()
                            ? "delete it, or leave out --resume, to start anew"
                            : "repeat its options, or leave out --resume to start anew");
        if (e instanceof LostRankException lost && !lost.where().isEmpty())
            return of(e, "the same command with --resume goes on from there, with any number of ranks");
        return e;
    }

    /** Joins errors into one: all messages, then each remedy once. */
    public static UserError join(List<LibTorchException> errors) {
        String what = errors.stream().map(LibTorchException::what).collect(Collectors.joining(", "));
        String remedy =
                errors.stream().map(LibTorchException::remedy).distinct().collect(Collectors.joining("; "));
        UserError joined = new UserError(what, remedy, errors.get(0));
        errors.stream().skip(1).forEach(joined::addSuppressed);
        return joined;
    }
}
