package mnist.run;

import java.util.List;
import java.util.function.IntConsumer;
import libtorch.training.TrainingListener;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Stops all training after the current steps on Ctrl-C, SIGTERM or SIGHUP (the terminal was closed); a second signal
 * ends the process at once. A shutdown hook would not do: while it runs, the JVM does not handle a second signal.
 */
final class StopSignal implements TrainingListener, AutoCloseable {
    /** Windows has no SIGHUP. If it is ignored, as under nohup, the JVM keeps ignoring it. */
    private static final List<String> SIGNALS = System.getProperty("os.name").startsWith("Windows")
            ? List.of("INT", "TERM")
            : List.of("INT", "TERM", "HUP");

    private final Signal[] signals = SIGNALS.stream().map(Signal::new).toArray(Signal[]::new);
    private final SignalHandler[] before = new SignalHandler[signals.length];
    private final IntConsumer halt;
    private int watches; // number of open ones
    private volatile int exitStatus;

    StopSignal() {
        this(Runtime.getRuntime()::halt);
    }

    StopSignal(IntConsumer halt) {
        this.halt = halt;
    }

    /** Handles signals until this is closed as often as it was called. */
    synchronized StopSignal watch() {
        if (watches++ == 0) {
            for (int i = 0; i < signals.length; i++)
                before[i] = Signal.handle(signals[i], signal -> received(signal.getNumber()));
        }
        return this;
    }

    /** Restores the previous signal handlers. */
    @Override
    public synchronized void close() {
        if (--watches > 0) return;
        for (int i = 0; i < signals.length; i++) if (before[i] != null) Signal.handle(signals[i], before[i]);
    }

    void received(int number) {
        if (exitStatus != 0) halt.accept(128 + number);
        exitStatus = 128 + number;
    }

    @Override
    public int stop() {
        return exitStatus;
    }
}
