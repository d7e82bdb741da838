package mnist.check;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import mnist.system.UserError;

/**
 * Runs commands and other programs, and reads what they print. Arguments are any objects, and arrays of them.
 *
 * @param main runs a command line and returns its exit status
 * @param folder for a program's output
 */
public record Commands(ToIntFunction<String[]> main, Path folder) {
    /** Runs a command as the command line does, and returns what it prints. */
    public String run(Object... arguments) {
        List<String> words = words(arguments);
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int status;
        try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            System.setErr(captured);
            status = main.applyAsInt(words.toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        Output output = new Output(status, bytes.toString(StandardCharsets.UTF_8));
        if (status != 0) throw new UserError(words.get(0) + " failed: " + output.lastLine(), "run it by itself");
        return output.text;
    }

    private static List<String> words(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof Object[] several) words.addAll(words(several));
            else words.add(argument.toString());
        }
        return words;
    }

    /** The exit status of a command and its output. */
    public record Output(int status, String text) {
        /** Returns the last line that is not blank. */
        public String lastLine() {
            return text.lines()
                    .filter(line -> !line.isBlank())
                    .reduce((a, b) -> b)
                    .orElse("no output");
        }
    }

    /** Runs another program with a time limit in seconds. */
    public Output process(int seconds, Object... command) {
        File output = folder.resolve("output").toFile();
        try {
            Process process = new ProcessBuilder(words(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return new Output(1, "it took more than " + seconds + " s");
            }
            return new Output(process.exitValue(), Files.readString(output.toPath()));
        } catch (IOException e) {
            return new Output(1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
