package libtorch.nn;

import org.jspecify.annotations.Nullable;

/** Thrown where an operator or an exported program refuses what it is given, as for its shape; in one line. */
public final class OperatorException extends IllegalStateException {
    /** @param where the operator, or the method that called it */
    public OperatorException(String where, String what, @Nullable Throwable cause) {
        super(where + ": " + what, cause);
    }
}
