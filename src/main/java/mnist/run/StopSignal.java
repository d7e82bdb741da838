package mnist.run;

import java.util.List;
import java.util.function.IntConsumer;
import libtorch.training.TrainingListener;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Lets Ctrl-C, SIGTERM and a terminal that is closed (SIGHUP) end all training after the steps under way; a second one
 * ends the process at once. A shutdown hook could not do it: while one runs, the JVM keeps the second signal waiting.
 */
final class StopSignal implements TrainingListener, AutoCloseable {
    /** Windows has no SIGHUP. Where one is ignored, as under nohup, the JVM leaves it so. */
    private static final List<String> SIGNALS = System.getProperty("os.name").startsWith("Windows")
            ? List.of("INT", "TERM")
            : List.of("INT", "TERM", "HUP");

    private final Signal[] signals = SIGNALS.stream().map(Signal::new).toArray(Signal[]::new);
    private final SignalHandler[] before = new SignalHandler[signals.length];
    private final IntConsumer halt;
    private int watches; // that are open
    private volatile int exitStatus;

    StopSignal() {
        this(Runtime.getRuntime()::halt);
    }

    StopSignal(IntConsumer halt) {
        this.halt = halt;
    }

    /** Handles signals until this is closed; where several threads call it, until each has closed it. */
    synchronized StopSignal watch() {
        if (watches++ == 0) {
            for (int i = 0; i < signals.length; i++)
                before[i] = Signal.handle(signals[i], signal -> received(signal.getNumber()));
        }
        return this;
    }

    /** Lets signals do again what they did before. */
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
