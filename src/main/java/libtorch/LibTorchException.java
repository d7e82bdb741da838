package libtorch;

import org.jspecify.annotations.Nullable;

/** The exception that this library throws: its message says in one line what is wrong, and then what to do. */
public class LibTorchException extends RuntimeException {
    private final String what;
    private final String remedy;

    public LibTorchException(String what, String remedy) {
        this(what, remedy, null);
    }

    public LibTorchException(String what, String remedy, @Nullable Throwable cause) {
        super(what + "; " + remedy, cause);
        this.what = what;
        this.remedy = remedy;
    }

    /** Returns what is wrong. */
    public String what() {
        return what;
    }

    /** Returns what to do. */
    public String remedy() {
        return remedy;
    }
}
