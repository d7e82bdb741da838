package mnist.system;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal: bars that move below the lines that are printed. Where output goes elsewhere, no bars. */
public final class Terminal {
    private static final String UP = "\033[A";
    private static final String CLEAR = "\033[K"; // to the end of the line

    /** The bars on the screen, from top to bottom; the cursor is in the last one's line. */
    private static final List<Bar> BARS = new ArrayList<>();

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
                .setConsumer(new Bar(isInteractive()))
                .build();
    }

    /** Prints a line on standard output, above the bars. */
    public static void println(String line) {
        synchronized (BARS) {
            erase();
            System.out.println(line);
            System.out.flush(); // before the bars, which go to another stream
            draw();
        }
    }

    /** Clears the lines of the bars, and leaves the cursor in the first. */
    private static void erase() {
        if (BARS.isEmpty()) return;
        System.err.print("\r" + CLEAR + (UP + CLEAR).repeat(BARS.size() - 1));
    }

    private static void draw() {
        System.err.print(BARS.stream().map(bar -> "\r" + bar.text + CLEAR).collect(Collectors.joining("\n")));
        System.err.flush();
    }

    /** A bar's line; the library's own consumers leave one behind when they end. */
    private static final class Bar implements ProgressBarConsumer {
        private final boolean visible;
        private String text = "";

        private Bar(boolean visible) {
            this.visible = visible;
        }

        @Override
        public int getMaxRenderedLength() {
            return 79;
        }

        @Override
        public void accept(String bar) {
            if (!visible) return;
            synchronized (BARS) {
                text = bar;
                if (BARS.contains(this)) {
                    System.err.print(UP.repeat(BARS.size() - 1));
                } else {
                    erase();
                    BARS.add(this);
                }
                draw();
            }
        }

        @Override
        public void clear() {
            accept("");
        }

        @Override
        public void close() {
            synchronized (BARS) {
                if (!BARS.contains(this)) return;
                erase();
                BARS.remove(this);
                draw();
            }
        }
    }
}
