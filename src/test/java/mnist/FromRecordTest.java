package mnist;

import static mnist.ResumeTest.assertSameResults;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Repeats runs from nothing but their records. */
@Tag("long")
class FromRecordTest implements UsesLibTorch {
    @ParameterizedTest
    @CsvSource({
        "prob4, mnist_cnn, --epochs 1 --momentum 0.3 --batch-size 32 --train-size 160 --test-size 50 --threads 1",
        "prob5, mnist_ae, --epochs 2 --lr 0.002 --seed 5 --train-size 256 --test-size 50",
        "prob6, mnist-cae-skip-noisy, --only skip-noisy --noise 0.1 --epochs 2 --train-size 256 --test-size 50"
    })
    void aRecordSufficesToRepeatARunToTheBitInAnotherProcess(
            String problem, String model, String options, @TempDir Path first, @TempDir Path second) throws Exception {
        assertEquals(
                0, CommandLineRun.onSample(problem, first, options.split(" ")).status());
        String record = first.resolve("saved").resolve(model + ".json").toString();
        try (ProcessRun run = ProcessRun.onSample(problem, second, "--from-record", record)) {
            assertEquals(0, run.status(), run.output());
        }
        assertSameResults(first, second, model);
    }

    @Test
    void variantsAfterItReplaceThoseOfTheRecord(@TempDir Path folder) {
        CommandLineRun first =
                CommandLineRun.onSample("prob6", folder, "--only", "plain", "--epochs", "1", "--train-size", "64");
        assertEquals(0, first.status(), first.err());
        String record = folder.resolve("saved/mnist_cae.json").toString();
        CommandLineRun run =
                CommandLineRun.onSample("prob6", folder.resolve("again"), "--from-record", record, "--only", "skip");
        assertEquals(0, run.status(), run.err());
        assertEquals(CommandLineRun.filesOf("mnist-cae-skip"), CommandLineRun.names(folder.resolve("again/saved")));
    }

    @Test
    void optionsAfterItOverrideTheRecord(@TempDir Path folder) throws IOException {
        assertEquals(
                0,
                CommandLineRun.onSample("prob6", folder, "--only", "plain", "--epochs", "1", "--seed", "7")
                        .status());
        String record = folder.resolve("saved/mnist_cae.json").toString();
        CommandLineRun run = CommandLineRun.onSample("prob6", folder, "--from-record", record, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("epoch  2/2"), run.out());
        assertEquals(
                7,
                CommandLineRun.record(folder, "mnist_cae")
                        .getAsJsonObject("options")
                        .get("seed")
                        .getAsInt());
    }
}
