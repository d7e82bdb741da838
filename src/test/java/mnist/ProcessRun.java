package mnist;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command line that runs in a process of its own, so that it can be stopped and killed. */
public final class ProcessRun implements AutoCloseable {
    private final Process process;

    @SuppressWarnings("JdkObsolete") // written by one thread and read by another
    private final StringBuffer output = new StringBuffer();

    private final Thread reader;

    private ProcessRun(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        process = builder.start();
        reader = new Thread(this::read);
        reader.start();
    }

    /** Starts a command. */
    static ProcessRun of(List<String> jvmOptions, String... arguments) throws IOException {
        return of(List.of(), Map.of(), jvmOptions, arguments);
    }

    /** Starts another program than this project's. */
    public static ProcessRun ofProgram(Class<?> main, String... arguments) throws IOException {
        return of(List.of(), Map.of(), List.of(), main, arguments);
    }

    /** Starts a command through another program, with variables added to its environment. */
    static ProcessRun of(
            List<String> prefix, Map<String, String> environment, List<String> jvmOptions, String... arguments)
            throws IOException {
        return of(prefix, environment, jvmOptions, Main.class, arguments);
    }

    /** Returns the beginning of a command that runs a class of the tests' class path as native-config/ runs Main. */
    static List<String> java(List<String> jvmOptions) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        Files.readAllLines(Path.of("native-config/cpu.args")).stream()
                .filter(line -> line.matches("-(?!cp |XX:SharedArchiveFile).*"))
                .forEach(command::add);
        command.add("-XX:ActiveProcessorCount=1"); // as the tests, of which two classes run at a time
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }

    private static ProcessRun of(
            List<String> prefix,
            Map<String, String> environment,
            List<String> jvmOptions,
            Class<?> main,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(java(jvmOptions));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessRun(command, environment);
    }

    /** Starts a problem on the sample, with its results in a folder. */
    static ProcessRun onSample(String problem, Path folder, String... options) throws IOException {
        return onSample(List.of(), problem, folder, options);
    }

    static ProcessRun onSample(List<String> jvmOptions, String problem, Path folder, String... options)
            throws IOException {
        return onSample(Map.of(), jvmOptions, problem, folder, options);
    }

    /** Starts a problem on the sample, with variables added to its environment. */
    static ProcessRun onSample(
            Map<String, String> environment, List<String> jvmOptions, String problem, Path folder, String... options)
            throws IOException {
        return of(List.of(), environment, jvmOptions, arguments(problem, folder, options));
    }

    /** Starts a problem on the sample through another program, which is given the command to run. */
    static ProcessRun onSample(
            List<String> program, Map<String, String> environment, String problem, Path folder, String... options)
            throws IOException {
        return of(program, environment, List.of(), arguments(problem, folder, options));
    }

    /** Starts a process that runs problems on the sample, one after the other; each is its name and its options. */
    static ProcessRun severalOnSample(Path folder, List<List<String>> problems) throws IOException {
        String[] commandLines = problems.stream()
                .map(words -> arguments(
                        words.get(0), folder, words.subList(1, words.size()).toArray(String[]::new)))
                .map(words -> String.join("\n", words))
                .toArray(String[]::new);
        return ofProgram(SeveralCommands.class, commandLines);
    }

    private static String[] arguments(String problem, Path folder, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                problem,
                "--data-dir",
                UsesLibTorch.SAMPLE.toString(),
                "--unverified-data",
                "--saved-dir",
                folder.resolve("saved").toString(),
                "--figures-dir",
                folder.resolve("figures").toString()));
        arguments.addAll(List.of(options));
        return arguments.toArray(String[]::new);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine())
                output.append(line).append('\n');
        } catch (IOException killed) {
            // what came until then is there
        }
    }

    /** Waits until a text was printed. */
    void awaitOutput(String text) throws InterruptedException {
        while (!output.toString().contains(text)) {
            if (!process.isAlive()) throw new AssertionError("it ended without saying " + text + ":\n" + output);
            Thread.sleep(5);
        }
    }

    /** Waits until the process has computed for so long: it then has come as far on a busy machine as on another. */
    void awaitCpuTime(Duration more) throws InterruptedException {
        Duration until = cpuTime(process.info()).plus(more);
        while (process.isAlive() && cpuTime(process.info()).compareTo(until) < 0) Thread.sleep(5);
    }

    static Duration cpuTime(ProcessHandle.Info process) {
        return process.totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Sends a signal, as "TERM", if the process is still there. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start()
                .waitFor();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for the end, five minutes at most, for the machine may be busy, and returns the exit status. */
    public int status() throws InterruptedException {
        if (!process.waitFor(5, TimeUnit.MINUTES)) throw new AssertionError("it does not end:\n" + output);
        reader.join(TimeUnit.SECONDS.toMillis(10)); // processes that it left behind may hold its output open
        return process.exitValue();
    }

    public String output() {
        return output.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
