package mnist.runtime;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal; nothing is shown where output goes elsewhere. */
public final class Terminal {
    private Terminal() {}

    /** Returns whether standard output is a terminal. */
    @SuppressWarnings("SystemConsoleNull") // as it is before JDK 22, and later with -Djdk.console=java.base
    public static boolean isInteractive() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    /** Starts a progress bar on standard error, which shows nothing where no terminal is; close it. */
    public static ProgressBar bar(String task, long total, String unit) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new Line(isInteractive()))
                .build();
    }

    /** Draws over one line and leaves it empty; the library's own consumers end with a new line. */
    private record Line(boolean visible) implements ProgressBarConsumer {
        private static final int WIDTH = 79;

        @Override
        public int getMaxRenderedLength() {
            return WIDTH;
        }

        @Override
        public void accept(String bar) {
            if (visible) System.err.print("\r" + bar);
        }

        @Override
        public void clear() {
            accept(" ".repeat(WIDTH) + "\r");
        }

        @Override
        public void close() {
            clear();
        }
    }
}
