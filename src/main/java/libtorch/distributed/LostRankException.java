package libtorch.distributed;

import java.util.Locale;
import java.util.stream.Stream;
import libtorch.LibTorch;

/** Thrown where the processes of a run can no longer exchange anything: one was killed, hangs, or has given up. */
public final class LostRankException extends RuntimeException {
    public LostRankException(RuntimeException cause) {
        super(reason(cause), cause);
    }

    /** Returns whether an error is libtorch's and of an exchange with other ranks, by its message. */
    static boolean isFailedExchange(RuntimeException e) {
        if (e.getClass() != RuntimeException.class) return false; // which JavaCPP throws
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return Stream.of("gloo", "nccl", "connection closed", "connection reset", "pair closure", "timed out")
                .anyMatch(message::contains);
    }

    /** Returns what libtorch says, without the line of its source that says it. */
    public static String reason(RuntimeException e) {
        return LibTorch.firstLine(e).replaceAll("\\[[^\\]]*\\.cc:\\d+\\] ", "");
    }
}
