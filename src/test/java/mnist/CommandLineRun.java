package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import libtorch.export.Format;
import mnist.run.Launcher;
import picocli.CommandLine;

/** A command line that was run in this process, with what it printed. */
public record CommandLineRun(int status, String out, String err) {
    private static final String PROGRAM = "sun.java.command"; // which the other ranks of a run are started with

    /** Runs a command; arrays among the arguments are spread out. */
    public static CommandLineRun of(Object... arguments) {
        return run(Main::commandLine, arguments);
    }

    /** Runs a command of another program than this project's; arrays among the arguments are spread out. */
    public static CommandLineRun ofProgram(Object program, Object... arguments) {
        return run(words -> new CommandLine(program), arguments);
    }

    private static String[] words(Object... arguments) {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof String[] several) words.addAll(List.of(several));
            else words.add(argument.toString());
        }
        return words.toArray(String[]::new);
    }

    private static CommandLineRun run(Function<String[], CommandLine> program, Object... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        String tests = System.getProperty(PROGRAM);
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try (PrintStream newOut = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
                PrintStream newErr = new PrintStream(errBytes, true, StandardCharsets.UTF_8)) {
            System.setOut(newOut);
            System.setErr(newErr);
            System.setProperty(PROGRAM, Main.class.getName());
            int status = Launcher.run(program, words(arguments));
            return new CommandLineRun(
                    status, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
            System.setProperty(PROGRAM, tests);
        }
    }

    /** Runs a problem on the sample, with its results in a folder. */
    public static CommandLineRun onSample(String problem, Path folder, String... options) {
        return of(
                problem,
                options,
                "--data-dir",
                UsesLibTorch.SAMPLE,
                "--unverified-data",
                "--saved-dir",
                folder.resolve("saved"),
                "--figures-dir",
                folder.resolve("figures"));
    }

    /** Names of the files in a folder, sorted; but for checkpoints and the lock, which serve the runs. */
    public static List<String> names(Path folder) {
        return Arrays.stream(folder.toFile().list())
                .filter(name -> !name.endsWith(".checkpoint") && !name.equals(".lock"))
                .sorted()
                .toList();
    }

    /** Names of the files that a run saves of models, sorted. */
    public static List<String> filesOf(String... models) {
        return Arrays.stream(models)
                .flatMap(model -> Stream.concat(Stream.of("json"), Format.names().stream())
                        .map(suffix -> model + "." + suffix))
                .sorted()
                .toList();
    }

    public static JsonObject record(Path folder, String name) throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("saved").resolve(name + ".json")))
                .getAsJsonObject();
    }

    /** Compares the training losses of a record's epochs, 2e-6 relative. */
    public static void assertTrainLosses(JsonObject record, double... expected) {
        JsonArray epochs = record.getAsJsonArray("epochs");
        assertEquals(expected.length, epochs.size());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    expected[i],
                    epochs.get(i).getAsJsonObject().get("trainLoss").getAsDouble(),
                    2e-6 * expected[i],
                    "epoch " + (i + 1));
        }
    }

    /** Looks at the width of every picture. */
    public static void assertPrintable(Path figures) throws IOException {
        for (String name : names(figures))
            assertTrue(ImageIO.read(figures.resolve(name).toFile()).getWidth() >= 990, name);
    }
}
