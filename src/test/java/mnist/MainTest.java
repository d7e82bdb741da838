package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prob6 --epochs 0            | --epochs is 0, but must be at least 1",
                "prob6 --epochs many         | Invalid value for option '--epochs': 'many' is not an int",
                "prob6 --batch-size -1       | --batch-size is -1, but must be at least 1",
                "prob6 --lr 0                | --lr is 0.0, but must be greater than 0",
                "prob6 --lr NaN              | --lr is NaN, but must be greater than 0",
                "prob6 --noise -0.1          | --noise is -0.1, but must be 0 or more",
                "prob6 --noise 1e30          | --noise is 1.0E30, but must be at most 1000",
                "prob5 --epochs 1200000000   | --epochs is 1200000000, but must be at most 1000000",
                "prob4 --trace-dir t --resume | --trace-dir is t, but must be left out with --resume",
                "prob6 --noise Infinity      | --noise is Infinity, but must be 0 or more",
                "prob6 --threads 0           | --threads is 0, but must be from 1 to 1024",
                "prob6 --train-size 0        | --train-size is 0, but must be at least 1",
                "prob6 --test-size 0         | --test-size is 0, but must be at least 1",
                "prob6 --device tpu          | Invalid value for option '--device': expected one of [auto, cpu, cuda] (case-sensitive) but was 'tpu'",
                "prob6 --ranks 0             | --ranks is 0, but must be from 1 to 1024",
                "prob4 --rank-timeout 0      | --rank-timeout is 0, but must be from 1 to 86400",
                "prob6 --only=,              | --only is empty, but must be at least one variant",
                "eval a.pt --noise NaN       | --noise is NaN, but must be 0 or more",
                "eval a.pt --model mnist_ae  | --model is for .safetensors and .pth files; others carry their network",
                "prob6 --only skipp          | Invalid value for option '--only': expected one of [plain, skip, noisy, skip-noisy] but was 'skipp'",
                "prob6 --colour red          | Unknown options: '--colour', 'red'",
                "prob4 --momentum 1          | --momentum is 1.0, but must be from 0 to below 1",
                "prob5 --epochs 0            | --epochs is 0, but must be at least 1",
                "eval                        | Missing required parameter: 'FILE'",
                "eval a.pt --model resnet    | Invalid value for option '--model': expected one of [mnist_cnn, mnist_ae, mnist_cae, mnist-cae-skip, mnist_cae_noisy, mnist-cae-skip-noisy] but was 'resnet'",
                "play --port 65536           | --port is 65536, but must be from 0 to 65535",
                "play --epochs 3             | Unknown options: '--epochs', '3'",
                "prob6 extra                 | Unmatched argument at index 1: 'extra'",
                "prob7                       | Unmatched argument at index 0: 'prob7'"
            })
    void wrongUsageIsOneLineAndStatus2(String line, String message) {
        CommandLineRun run = CommandLineRun.of((Object) line.strip().split(" "));
        assertEquals(2, run.status());
        String command = line.startsWith("prob7") ? "mnist-libtorch" : "mnist-libtorch " + line.split(" ")[0];
        assertEquals("error: " + message + "; see " + command + " --help\n", run.err());
        assertEquals("", run.out());
    }

    @Test
    void aFailureIsOneLineAndStatus1(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("train-images-idx3-ubyte"), "no images");
        for (String name : List.of("train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"))
            Files.createFile(folder.resolve(name));
        CommandLineRun run = CommandLineRun.of("prob6", "--data-dir", folder);
        assertEquals(1, run.status());
        assertEquals(
                "error: " + folder.resolve("train-images-idx3-ubyte") + " is not MNIST's file: its SHA-256 differs; "
                        + "delete it to have it fetched again, or pass --unverified-data to use your own data\n",
                run.err());
    }

    @Test
    void debugShowsTheStack(@TempDir Path folder) {
        CommandLineRun run = CommandLineRun.of("prob6", "--debug", "--unverified-data", "--data-dir", folder);
        assertEquals(1, run.status());
        assertTrue(run.err().contains("\tat mnist.data.MnistFiles.read"));
        assertTrue(run.err()
                .lines()
                .reduce((a, b) -> b)
                .orElseThrow()
                .startsWith("error: " + folder + " lacks train-images-idx3-ubyte; "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "prob3 --help",
                "prob4 --help",
                "prob5 --help",
                "prob6 --help",
                "eval --help",
                "parity --help",
                "data --help",
                "doctor --help",
                "report --help",
                "play --help"
            })
    void helpIsThereForEveryCommand(String line) {
        CommandLineRun run = CommandLineRun.of((Object) line.split(" "));
        assertEquals(0, run.status());
        assertTrue(run.out().startsWith("Usage: mnist-libtorch"));
    }

    @Test
    void helpShowsTheDefaults() {
        String help = CommandLineRun.of("prob6", "--help").out().replaceAll("\\s+", " ");
        for (String text : List.of(
                "Passes over the training set (default: 10)",
                "Examples per step (default: 128)",
                "Learning rate (default: 0.001)",
                "Seed of every random number (default: 1)",
                "(default: 0.3)",
                "(default: data)",
                "(default: saved)",
                "(default: figures)",
                "plain, skip, noisy, skip-noisy (default: all)",
                "auto, cpu, cuda")) {
            assertTrue(help.contains(text), text + " in " + help);
        }
    }

    @Test
    void theVersionNamesTheLibtorchThatIsPinned() {
        CommandLineRun run = CommandLineRun.of("--version");
        assertEquals(0, run.status());
        assertTrue(
                run.out()
                        .matches(
                                "mnist-libtorch \\d+\\.\\d+\\.\\d+ \\(libtorch 2\\.10\\.0-1\\.5\\.13, Java [^)]+\\)\\R"),
                run.out());
    }

    /** Runs command lines, a line each, one after the other. */
    static final class Helps {
        public static void main(String[] lines) {
            for (String line : lines) System.out.println("status " + Main.run(line.split(" ")));
        }
    }

    /** In a process of its own, where no other test can have loaded it. */
    @Test
    void helpAndVersionLoadNeitherLibtorchNorWindows() throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-verbose:class",
                "-cp",
                System.getProperty("java.class.path"),
                Helps.class.getName(),
                "--version",
                "--help"));
        Set<String> names = Main.commandLine().getSubcommands().keySet();
        for (String name : names) command.add(name + " --help");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        assertEquals(2 + names.size(), output.split("status 0\n", -1).length - 1, output);
        assertTrue(output.contains("mnist.Main "));
        assertFalse(output.contains("org.bytedeco.pytorch.global.torch "), "libtorch was loaded");
        assertFalse(output.contains("org.bytedeco.javacpp.Loader "), "JavaCPP was loaded");
        assertFalse(output.contains(" java.awt."), "AWT was loaded");
    }

    @Test
    void numbersHaveAPointInEveryCountry() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            CommandLineRun run = CommandLineRun.of("prob3");
            assertTrue(run.out().contains("cross-entropy 1.650529"), run.out());
        } finally {
            Locale.setDefault(before);
        }
    }
}
