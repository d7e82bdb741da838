package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All problems and the report in one session. */
class AllTest implements UsesLibTorch {
    private static CommandLineRun all(Path folder, String[] options, String... more) {
        return CommandLineRun.of(
                "all",
                "--report-dir",
                folder.resolve("report"),
                "--data-dir",
                SAMPLE,
                "--unverified-data",
                "--saved-dir",
                folder.resolve("saved"),
                "--figures-dir",
                folder.resolve("figures"),
                options,
                more);
    }

    @Test
    void everyModelIsSavedAsItsProblemSavesItAndTheReportIsWritten(@TempDir Path folder, @TempDir Path alone)
            throws Exception {
        String[] small = {"--epochs", "1", "--seeds", "3,4", "--threads", "1", "--train-size", "256"};
        CommandLineRun run = all(folder, small, "--name", "doej");
        assertEquals(0, run.status(), run.err());
        assertTrue(Files.size(folder.resolve("report/452_doej_assignment2.pdf")) > 100_000);
        assertEquals(
                CommandLineRun.filesOf(
                        "mnist_cnn",
                        "mnist_ae",
                        "mnist_cae",
                        "mnist-cae-skip",
                        "mnist_cae_noisy",
                        "mnist-cae-skip-noisy"),
                CommandLineRun.names(folder.resolve("saved")));
        for (String part : List.of("CNN", "linear AE", "skip-noisy", "report", "in all")) {
            assertTrue(run.out().lines().anyMatch(line -> line.matches(part + " +\\d+\\.\\d s")), part);
        }
        CommandLineRun prob5 = CommandLineRun.onSample("prob5", alone, small);
        assertEquals(0, prob5.status(), prob5.err());
        ResumeTest.assertSameResults(alone, folder, "mnist_ae");
        String problem =
                CommandLineRun.record(folder, "mnist_ae").get("problem").getAsString();
        assertEquals("prob5", problem);
    }

    @Test
    void whatOnlyOneProblemHasOrNeedsTheMachineForItselfIsWrongUsage(@TempDir Path folder) {
        for (String option : List.of("--noise=0.1", "--ranks=2", "--live", "--epochs=0", "--name=a/b")) {
            CommandLineRun run = all(folder, new String[] {option});
            assertEquals(2, run.status(), option);
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }
}
