package mnist.runtime;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An error that the user can mend: its message says in one line what is wrong and what to do. */
public class UserError extends RuntimeException {
    private final String what;
    private final String remedy;

    public UserError(String what, String remedy) {
        this(what, remedy, null);
    }

    public UserError(String what, String remedy, @Nullable Throwable cause) {
        super(what + "; " + remedy, cause);
        this.what = what;
        this.remedy = remedy;
    }

    /** Returns the same error, with the name of what it happened to before it. */
    public UserError of(String name) {
        return new UserError(name + ": " + what, remedy, this);
    }

    /** Joins errors: all that went wrong, then what to do, each remedy once. */
    public static UserError join(List<UserError> errors) {
        String what = errors.stream().map(error -> error.what).collect(Collectors.joining(", "));
        String remedy = errors.stream().map(error -> error.remedy).distinct().collect(Collectors.joining("; "));
        UserError joined = new UserError(what, remedy, errors.get(0));
        errors.stream().skip(1).forEach(joined::addSuppressed);
        return joined;
    }
}
