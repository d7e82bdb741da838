package mnist.system;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows progress bars below the printed lines of a terminal; without a terminal there are no bars. */
public final class Terminal {
    private static final String UP = "\033[A";
    private static final String CLEAR = "\033[K"; // to the end of the line

    private static final int NARROWEST = 40; // columns that a bar needs
    private static final long SIZE_KEPT = 1_000_000_000; // nanoseconds; to get the size starts a process

    private static final List<Bar> BARS = new ArrayList<>(); // from top to bottom

    /** The lengths of the lines that are on the screen; the cursor is in the last one. */
    private static List<Integer> drawn = List.of();

    private static int rows = 24;
    private static int columns = 80;
    private static long asked = System.nanoTime() - SIZE_KEPT;

    private Terminal() {}

    /** Returns whether standard output is a terminal. */
    @SuppressWarnings("SystemConsoleNull") // as it is before JDK 22, and later with -Djdk.console=java.base
    public static boolean isInteractive() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    /** Starts a progress bar on standard error, invisible without a terminal; to be closed by the caller. */
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
            System.err.print(erased());
            System.err.flush();
            System.out.println(line);
            System.out.flush(); // before the bars, which are written to another stream
            System.err.print(drawnBars());
            System.err.flush();
        }
    }

    private static void redraw() {
        System.err.print(erased() + drawnBars());
        System.err.flush();
    }

    /**
     * Returns the escape sequence that clears the bars, also where a narrower screen has wrapped them, and moves to the
     * first.
     */
    private static String erased() {
        if (drawn.isEmpty()) return "";
        askSize();
        int lines = drawn.stream()
                .mapToInt(length -> Math.max(1, (length + columns - 1) / columns))
                .sum();
        drawn = List.of();
        return "\r" + CLEAR + (UP + CLEAR).repeat(lines - 1);
    }

    /** Returns the bars that fit on the screen, one per line; none if it is too narrow. */
    private static String drawnBars() {
        if (BARS.isEmpty()) return "";
        askSize();
        List<String> lines = BARS.stream()
                .limit(columns < NARROWEST ? 0 : Math.max(0, rows - 1))
                .map(bar -> bar.text.substring(0, Math.min(bar.text.length(), columns - 1)))
                .toList();
        drawn = lines.stream().map(String::length).toList();
        return lines.stream().map(line -> "\r" + line + CLEAR).collect(Collectors.joining("\n"));
    }

    /** Gets the terminal's size, which may have changed; keeps the old one if it is not available. */
    private static void askSize() {
        if (System.nanoTime() - asked < SIZE_KEPT) return;
        asked = System.nanoTime();
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ");
            if (size.length != 2 || size[1].equals("0")) return; // a terminal without a size
            rows = Integer.parseInt(size[0]);
            columns = Integer.parseInt(size[1]);
        } catch (IOException | NumberFormatException notAUnixTerminal) {
            // keeps the old size
        }
    }

    /** A bar's line; the library's own consumers leave a line behind when they are closed. */
    private static final class Bar implements ProgressBarConsumer {
        private final boolean visible;
        private String text = "";

        private Bar(boolean visible) {
            this.visible = visible;
        }

        @Override
        public int getMaxRenderedLength() {
            return Math.min(79, Math.max(NARROWEST, columns) - 1);
        }

        @Override
        public void accept(String bar) {
            if (!visible) return;
            synchronized (BARS) {
                text = bar;
                if (!BARS.contains(this)) BARS.add(this);
                redraw();
            }
        }

        @Override
        public void clear() {
            accept("");
        }

        @Override
        public void close() {
            synchronized (BARS) {
                if (BARS.remove(this)) redraw();
            }
        }
    }
}
