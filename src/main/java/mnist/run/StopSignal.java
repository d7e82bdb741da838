package mnist.run;

import java.util.List;
import java.util.function.IntConsumer;
import mnist.training.TrainingListener;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Lets Ctrl-C, SIGTERM and a terminal that is closed (SIGHUP) end training after the step under way; a second one ends
 * the process at once. A shutdown hook could not do it: while one runs, the JVM keeps the second signal waiting.
 */
final class StopSignal implements TrainingListener, AutoCloseable {
    /** Windows has no SIGHUP. Where one is ignored, as under nohup, the JVM leaves it so. */
    private static final List<String> SIGNALS = System.getProperty("os.name").startsWith("Windows")
            ? List.of("INT", "TERM")
            : List.of("INT", "TERM", "HUP");

    private final Signal[] signals = SIGNALS.stream().map(Signal::new).toArray(Signal[]::new);
    private final SignalHandler[] before = new SignalHandler[signals.length];
    private final IntConsumer halt;
    private volatile int exitStatus;

    /** Handles signals from now on. */
    StopSignal() {
        this(Runtime.getRuntime()::halt);
        for (int i = 0; i < signals.length; i++)
            before[i] = Signal.handle(signals[i], signal -> received(signal.getNumber()));
    }

    StopSignal(IntConsumer halt) {
        this.halt = halt;
    }

    void received(int number) {
        if (exitStatus != 0) halt.accept(128 + number);
        exitStatus = 128 + number;
    }

    @Override
    public int exitStatus() {
        return exitStatus;
    }

    /** Lets signals do again what they did before. */
    @Override
    public void close() {
        for (int i = 0; i < signals.length; i++) if (before[i] != null) Signal.handle(signals[i], before[i]);
    }
}
