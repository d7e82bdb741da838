package mnist.training;

import mnist.runtime.UserError;

/** Thrown where a loss is not finite; by all ranks, since their losses are the same. */
public final class DivergedException extends UserError {
    DivergedException(String what) {
        super(what, "try a smaller --lr");
    }
}
