package mnist.distributed;

import mnist.runtime.LibTorch;

/** Says that the processes of a run can no longer exchange anything: one was killed, hangs, or has given up. */
public final class LostRankException extends RuntimeException {
    LostRankException(RuntimeException cause) {
        super(reason(cause), cause);
    }

    /** Returns what libtorch says, without the line of its source that says it. */
    static String reason(RuntimeException e) {
        return LibTorch.firstLine(e).replaceAll("\\[[^\\]]*\\.cc:\\d+\\] ", "");
    }
}
