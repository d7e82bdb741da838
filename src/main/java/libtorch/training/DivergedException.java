package libtorch.training;

import libtorch.LibTorchException;

/** Thrown if a loss is not finite; by all ranks, since their losses are the same. */
public final class DivergedException extends LibTorchException {
    DivergedException(String what) {
        super(what, "try a smaller learning rate");
    }
}
