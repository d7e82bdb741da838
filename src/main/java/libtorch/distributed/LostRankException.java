package libtorch.distributed;

import java.util.Locale;
import java.util.stream.Stream;
import libtorch.LibTorch;
import libtorch.LibTorchException;

/** Thrown if the processes of a run can no longer communicate: one was killed, hangs, or has ended. */
public final class LostRankException extends LibTorchException {
    private final String where;

    /** Of an exchange outside the training loop. */
    LostRankException(RuntimeException cause) {
        super(text("", cause), "see the errors of the other ranks", cause);
        where = "";
    }

    /** @param where how far training had come, as "after epoch 2" */
    public LostRankException(String where, RuntimeException cause) {
        super(text(" " + where, cause), "resume with any number of ranks", cause);
        this.where = where;
    }

    private static String text(String where, RuntimeException cause) {
        String reason = cause instanceof LostRankException lost && lost.getCause() instanceof RuntimeException first
                ? reason(first)
                : reason(cause);
        return "the exchange with the other ranks failed" + where + " (" + reason + ")";
    }

    /** Returns how far training had come, as "after epoch 2"; empty for an exchange outside the training loop. */
    public String where() {
        return where;
    }

    /** Returns whether libtorch failed to communicate with other ranks, judged by the error's message. */
    static boolean isFailedExchange(RuntimeException e) {
        if (e.getClass() != RuntimeException.class) return false; // which JavaCPP throws
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return Stream.of("gloo", "nccl", "connection closed", "connection reset", "pair closure", "timed out")
                .anyMatch(message::contains);
    }

    /** Returns libtorch's message, without the source line that it begins with. */
    static String reason(RuntimeException e) {
        return LibTorch.firstLine(e).replaceAll("\\[[^\\]]*\\.cc:\\d+\\] ", "");
    }
}
