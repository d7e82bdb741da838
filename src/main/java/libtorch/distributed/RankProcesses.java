package libtorch.distributed;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import libtorch.LibTorchException;

/** The other processes of a run on this machine, which rank 0 starts with its own command line. */
final class RankProcesses implements AutoCloseable {
    private static final int GRACE = 3; // seconds for a checkpoint

    private final List<Process> processes = new ArrayList<>();

    /**
     * Starts all but the first.
     *
     * @param store address of the store through which they find each other
     * @param arguments of the command line
     */
    RankProcesses(Rank first, String store, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib:jdwp"))
                .forEach(command::add);
        command.addAll(program(System.getProperty("sun.java.command"), System.getProperty("java.class.path")));
        command.addAll(arguments);
        for (int i = 1; i < first.count(); i++) {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            Map<String, String> environment = builder.environment();
            for (String variable : List.of("RANK", "LOCAL_RANK")) environment.put(variable, Integer.toString(i));
            for (String variable : List.of("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
                environment.put(variable, Integer.toString(first.count()));
            environment.put("MASTER_ADDR", store);
            environment.put("MASTER_PORT", "1"); // unused
            try {
                processes.add(builder.start());
            } catch (IOException e) {
                close();
                throw new LibTorchException(
                        "rank " + i + " cannot be started (" + e.getMessage() + ")", "start fewer", e);
            }
        }
    }

    /**
     * Returns the options with which java runs this program: its class path and main class, or its jar.
     *
     * @param command jar or main class, and arguments, as the property sun.java.command has them
     */
    static List<String> program(String command, String classPath) {
        boolean isJar = command.equals(classPath) || command.startsWith(classPath + " ");
        return isJar ? List.of("-jar", classPath) : List.of("-cp", classPath, command.split(" ", 2)[0]);
    }

    /**
     * Waits until all these processes have found the store.
     *
     * @param arrived returns how many have
     * @throws LibTorchException if one ends before, or does not join in time
     */
    void awaitArrival(LongSupplier arrived, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        for (long there = arrived.getAsLong(); there < processes.size(); there = arrived.getAsLong()) {
            for (int i = 0; i < processes.size(); i++) {
                if (processes.get(i).isAlive()) continue;
                int status = processes.get(i).exitValue();
                throw new LibTorchException("rank " + (i + 1) + " ended with status " + status, "see its error above");
            }
            if (System.nanoTime() > end) {
                throw new LibTorchException(
                        "only " + (there + 1) + " of " + (processes.size() + 1) + " ranks joined within "
                                + timeout.toSeconds() + " s",
                        "see the errors of the other ranks, or give them more time");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Waits {@link #GRACE} for the processes, which end when rank 0 does, and kills those that hang. */
    @Override
    public void close() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE);
        for (Process process : processes) {
            try {
                if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) process.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
    }
}
