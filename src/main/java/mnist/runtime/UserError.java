package mnist.runtime;

import org.jspecify.annotations.Nullable;

/** Tells the user, in one line, what went wrong and what to do about it. */
public final class UserError extends RuntimeException {
    public UserError(String what, String remedy) {
        this(what, remedy, null);
    }

    public UserError(String what, String remedy, @Nullable Throwable cause) {
        super(what + "; " + remedy, cause);
    }
}
