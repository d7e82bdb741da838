package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import libtorch.export.Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs where standard output is a terminal, a full device, or of another charset. */
class TerminalTest implements UsesLibTorch {
    private static final String[] SHORT = {
        "--only", "plain", "--epochs", "1", "--train-size", "128", "--test-size", "50"
    };
    private static final String CLEAR = "\033[K";

    private static List<String> java(String... arguments) throws IOException {
        List<String> command = ProcessRun.java(List.of());
        command.add("mnist.Main");
        command.addAll(List.of(arguments));
        return command;
    }

    private static String output(Map<String, String> environment, List<String> command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static boolean exists(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Trains where standard output is a terminal, and returns what is shown. */
    private static String inTerminal(Path folder, String... options) throws Exception {
        return inTerminal("plain", 80, 24, folder, options);
    }

    private static String inTerminal(String variants, int columns, int rows, Path folder, String... options)
            throws Exception {
        assumeTrue(exists("script"), "there is no program that opens a terminal");
        String[] common = {
            "prob6",
            "--only",
            variants,
            "--batch-size",
            "2",
            "--train-size",
            "300",
            "--test-size",
            "50",
            "--data-dir",
            SAMPLE.toString(),
            "--unverified-data",
            "--saved-dir",
            folder + "/saved",
            "--figures-dir",
            folder + "/figures"
        };
        String command = java(Stream.of(common, options).flatMap(Stream::of).toArray(String[]::new)).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        String sized = String.format("stty columns %d rows %d; exec %s", columns, rows, command);
        return output(Map.of("TERM", "xterm"), List.of("script", "-qec", sized, "/dev/null"));
    }

    @Test
    void aTerminalShowsABarThatMovesAndIsGoneInTheEnd(@TempDir Path folder) throws Exception {
        String output = inTerminal(folder, "--epochs", "1");
        assertTrue(output.contains("\rplain  epoch  1/1 ") && output.contains("/150 batches"), output);
        assertTrue(output.contains("\r" + CLEAR + "plain  epoch  1/1  train loss "), output);
    }

    @Test
    void barsFitTheScreenOrThereAreNone(@TempDir Path folder) throws Exception {
        String output = inTerminal("plain,skip", 50, 2, folder, "--jobs", "2", "--epochs", "1");
        assertTrue(output.matches("(?s).*\r(plain|skip) +epoch  1/1 .*"), output);
        for (String line : output.split("[\r\n]")) {
            if (line.contains("% [")) assertTrue(line.replace(CLEAR, "").length() < 50, line);
        }
        assertFalse(output.contains("\033[A"), "one bar in two rows: the cursor never goes up");
        output = inTerminal("plain", 30, 24, folder, "--epochs", "1");
        assertFalse(output.contains("batches"), output);
    }

    @Test
    void aDivergingRunLeavesNoBarBeforeItsError(@TempDir Path folder) throws Exception {
        String output = inTerminal(folder, "--lr", "1e30");
        assertTrue(output.contains("\r" + CLEAR + "error: the loss became "), output);
    }

    @Test
    void outputThatIsLostIsAnError() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        List<String> command = List.of("sh", "-c", String.join(" ", java("--help")) + " >/dev/full; echo status $?");
        String output = output(Map.of(), command);
        assertTrue(output.contains("error: not everything could be printed; see where standard output goes\n"), output);
        assertTrue(output.endsWith("status 1\n"), output);
    }

    @Test
    void greekLettersArePrintedWhateverTheLocale() throws Exception {
        assertTrue(output(Map.of("LC_ALL", "C"), java("prob3")).contains("   δ = "));
    }

    @Test
    void foldersMayHaveAnyNameAndTheRecordInsideAModelIsTheOneBesideIt(@TempDir Path parent) throws Exception {
        Path folder = parent.resolve("größe");
        Map<String, String> environment = Map.of("LC_ALL", "C.UTF-8");
        List<String> charset = List.of("-Dfile.encoding=US-ASCII");
        try (ProcessRun run = ProcessRun.onSample(environment, charset, "prob6", folder, SHORT)) {
            assertEquals(0, run.status(), run.output());
        }
        Path script = folder.resolve("saved/mnist_cae.pt");
        String inside;
        try (Model model = Model.open(script)) {
            inside = model.description().record();
        }
        assertEquals(Files.readString(folder.resolve("saved/mnist_cae.json")), inside);
        assertFalse(inside.isEmpty());
        assertEquals(
                "mnist_cae",
                JsonParser.parseString(inside).getAsJsonObject().get("model").getAsString());
    }
}
