package mnist.runtime;

import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;

/** Knows whether a person watches, and shows progress only then. */
public final class Terminal {
    private Terminal() {}

    /** Says whether standard output is a terminal. */
    public static boolean isInteractive() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    /** Starts a progress bar on standard error, which shows nothing where no terminal is; close it. */
    public static ProgressBar bar(String task, long total, String unit) {
        ProgressBarBuilder builder = new ProgressBarBuilder().setTaskName(task).setInitialMax(total).setUnit(" " + unit, 1)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(200).setSpeedUnit(java.time.temporal.ChronoUnit.SECONDS).clearDisplayOnFinish();
        if (!isInteractive()) builder.setConsumer(new DelegatingProgressBarConsumer(line -> { }, 80));
        return builder.build();
    }
}
