package mnist.training;

import java.util.function.IntConsumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Turns Ctrl-C and SIGTERM into a wish that training grants between two steps; a second one ends the process at once.
 * A shutdown hook could not do it: while one runs, the JVM keeps the second signal waiting.
 */
final class StopSignal implements TrainingListener, AutoCloseable {
    private final Signal[] signals = {new Signal("INT"), new Signal("TERM")};
    private final SignalHandler[] before = new SignalHandler[signals.length];
    private final IntConsumer halt;
    private volatile int exitStatus;

    /** Listens from now on. */
    StopSignal() {
        this(Runtime.getRuntime()::halt);
        for (int i = 0; i < signals.length; i++)
            before[i] = Signal.handle(signals[i], signal -> heard(signal.getNumber()));
    }

    StopSignal(IntConsumer halt) {
        this.halt = halt;
    }

    void heard(int number) {
        if (exitStatus != 0) halt.accept(128 + number);
        exitStatus = 128 + number;
    }

    @Override
    public int exitWanted() {
        return exitStatus;
    }

    /** Lets signals do again what they did before. */
    @Override
    public void close() {
        for (int i = 0; i < signals.length; i++) if (before[i] != null) Signal.handle(signals[i], before[i]);
    }
}
