package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs Python in a process, where there is one with what a test needs: the variable PYTHON names one to be asked first.
 */
public final class PythonRun {
    private static final Map<String, Optional<String>> FOUND = new HashMap<>();

    private PythonRun() {}

    /**
     * Runs a script and returns what it prints.
     *
     * @param condition an import, or another statement that fails if this Python does not have what the script needs;
     *     the test is then skipped
     */
    public static String of(String condition, String script, Object... arguments) throws Exception {
        Optional<String> python = python(condition);
        assumeTrue(python.isPresent(), "there is no Python for: " + condition);
        List<String> command = new ArrayList<>(List.of(python.get(), "-W", "ignore", "-c", condition + "\n" + script));
        for (Object argument : arguments) command.add(argument.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static synchronized Optional<String> python(String condition) {
        return FOUND.computeIfAbsent(
                condition,
                c -> Stream.of(System.getenv().getOrDefault("PYTHON", "python3"), "/usr/bin/python3")
                        .filter(python -> succeeds(python, "-c", condition))
                        .findFirst());
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException notThere) {
            return false;
        }
    }
}
