package libtorch.nn;

import org.jspecify.annotations.Nullable;

/** Thrown, with a message of one line, if an operator or an exported program rejects its arguments. */
public final class OperatorException extends IllegalStateException {
    /** @param where the operator, or the method that called it */
    public OperatorException(String where, String what, @Nullable Throwable cause) {
        super(where + ": " + what, cause);
    }
}
